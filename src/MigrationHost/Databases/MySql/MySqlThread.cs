namespace MigrationHost.Databases.MySql;

/// <summary>A session of the server, as others see it.</summary>
/// <param name="Id">Its connection id.</param>
/// <param name="User">Its account's name.</param>
/// <param name="Host">Its client's host, and port where it came by TCP.</param>
/// <param name="Database">Its database.</param>
/// <param name="Command">What the processlist calls it: Query, Sleep, Daemon.</param>
/// <param name="StateMs">For how long it has been in its state, in milliseconds.</param>
/// <param name="State">The processlist's state.</param>
/// <param name="Statement">What it runs; null if nothing, or if that is hidden from us.</param>
internal sealed record MySqlThread(
    int Id, string? User, string? Host, string? Database, string Command, long StateMs, string? State, string? Statement)
{
    /// <summary>The connection attribute program_name, with performance_schema.</summary>
    public string? Program { get; init; }

    /// <summary>Its open transaction; null if it has none, or that is hidden from us.</summary>
    public MySqlOpenTransaction? Transaction { get; init; }

    /// <summary>What a session of ours says of itself.</summary>
    public MySqlTurnWords? Words { get; } = MySqlTurnWords.Read(Statement);

    public bool IsIdle => Command == "Sleep";

    /// <summary>A thread of the server itself.</summary>
    public bool IsServers => User is "system user" or "event_scheduler" || Command is "Daemon" or "Binlog Dump";

    /// <summary>The client's port; null if it did not come by TCP.</summary>
    public int? Port =>
        Host is { } host && host.LastIndexOf(':') is var colon and > 0 && int.TryParse(host.AsSpan(colon + 1), out var port) ? port : null;

    /// <summary>The client's host without its port.</summary>
    public string? Address => Port is null ? Host : Host![..Host!.LastIndexOf(':')];
}
