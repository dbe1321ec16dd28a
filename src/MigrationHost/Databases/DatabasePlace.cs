namespace MigrationHost.Databases;

/// <summary>Which database the settings mean, in parts that the address in another program's settings can be compared with.</summary>
internal sealed record DatabasePlace
{
    /// <summary>The database in words, without secrets.</summary>
    public required string Words { get; init; }

    /// <summary>The schemes of addresses that can mean it.</summary>
    public required IReadOnlyList<string> Schemes { get; init; }

    /// <summary>The full path of its file; null for one on a server. Who holds a lock on a file is a process of this system.</summary>
    public string? File { get; init; }

    /// <summary>The server's host.</summary>
    public string? Host { get; init; }

    /// <summary>The server's port.</summary>
    public int? Port { get; init; }

    /// <summary>The port that an address without one means.</summary>
    public int? DefaultPort { get; init; }

    /// <summary>The name on the server.</summary>
    public string? Database { get; init; }
}
