using MigrationHost.Databases;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines;

/// <summary>What an engine is made of.</summary>
/// <param name="Name">The database's name in the configuration.</param>
/// <param name="Options">Its settings, which were checked.</param>
/// <param name="Timeouts">Its limits, filled up.</param>
/// <param name="Database">The database.</param>
/// <param name="Place">Which database that is.</param>
/// <param name="Neighbours">What the engines of other entries of the configuration keep in the same database.</param>
/// <param name="ContentRoot">Where relative paths count from.</param>
/// <param name="Time">The clock.</param>
/// <param name="Logger">Takes what is logged.</param>
internal sealed record EngineSetup(
    string Name,
    DatabaseOptions Options,
    Timeouts Timeouts,
    IMigrationDatabase Database,
    DatabasePlace Place,
    IReadOnlyList<NeighbourHistory> Neighbours,
    string ContentRoot,
    TimeProvider Time,
    ILogger Logger);
