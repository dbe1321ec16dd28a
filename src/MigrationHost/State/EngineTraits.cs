namespace MigrationHost;

/// <summary>What an engine knows and does, so far as the words for its status depend on it.</summary>
internal sealed record EngineTraits
{
    /// <summary>It knows its migrations one by one, and which are applied; else only whether there is something to do.</summary>
    public bool KnowsMigrations { get; init; } = true;

    /// <summary>It writes through a session of ours; else through a connection of its own, for which our settings do not count.</summary>
    public bool UsesOurSession { get; init; }
}
