using MigrationHost.Scripts;

namespace MigrationHost.Databases;

/// <summary>What a database is made of.</summary>
/// <param name="Name">Its name in the configuration.</param>
/// <param name="ConnectionString">Its connection string, which was checked.</param>
/// <param name="ShowStatements">Whether diagnoses may contain the words of statements.</param>
/// <param name="Form">The form of its history.</param>
/// <param name="Timeouts">Its limits, filled up.</param>
/// <param name="ContentRoot">Where relative paths count from.</param>
/// <param name="Time">The clock.</param>
internal sealed record DatabaseSetup(
    string Name,
    string ConnectionString,
    bool ShowStatements,
    IHistoryForm Form,
    Timeouts Timeouts,
    string ContentRoot,
    TimeProvider Time);
