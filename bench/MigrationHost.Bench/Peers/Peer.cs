using System.Diagnostics;

namespace MigrationHost.Bench.Peers;

/// <summary>A migration tool: how it wants a set of migrations, and how it is started.</summary>
/// <param name="Name">Its name, and the version where the tool is not one of ours.</param>
/// <param name="Write">Writes the migrations, each as its statements one a line, in the tool's own form.</param>
/// <param name="Start">The whole program.</param>
/// <param name="InHost">The same in a host of a .NET service; prints the milliseconds from the host's start until the migrations are
/// done.</param>
internal sealed record Peer(
    string Name,
    Action<Place, IReadOnlyList<string>> Write,
    Func<Place, ProcessStartInfo> Start,
    Func<Place, ProcessStartInfo>? InHost = null);
