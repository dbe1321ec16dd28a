using MigrationHost.Databases;
using MigrationHost.Running;

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
    /// <param name="setup">What it is made of; its database is what <see cref="CreateDatabase"/> has made.</param>
    IMigrationEngine CreateEngine(EngineSetup setup);
}
