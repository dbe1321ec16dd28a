using MigrationHost.Databases;
using MigrationHost.Running;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>A database that the application registers in code, with a package on top of this library. Its entry among the settings says
/// where it is.</summary>
internal interface IRegisteredDatabase
{
    /// <summary>The name of its entry.</summary>
    string Name { get; }

    /// <summary>The table that has its history, for others that work on the same database.</summary>
    string HistoryTable { get; }

    /// <summary>Makes the database.</summary>
    /// <param name="options">Its settings, checked.</param>
    /// <param name="timeouts">Its limits, filled up.</param>
    IMigrationDatabase CreateDatabase(DatabaseOptions options, Timeouts timeouts);

    /// <summary>Makes the engine.</summary>
    /// <param name="options">Its settings, checked.</param>
    /// <param name="rules">What follows from them and from the other entries.</param>
    /// <param name="database">What <see cref="CreateDatabase"/> has made.</param>
    /// <param name="logger">Where it logs.</param>
    IMigrationEngine CreateEngine(DatabaseOptions options, SqlRules rules, IMigrationDatabase database, ILogger logger);
}
