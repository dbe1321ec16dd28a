namespace MigrationHost.Databases.MySql;

/// <summary>What a <see cref="LostValue"/> was.</summary>
internal enum LostKind
{
    /// <summary>A user variable.</summary>
    Variable,

    /// <summary>The same, perhaps: a routine, a trigger or a prepared text may have set it.</summary>
    Hidden,

    /// <summary>A variable of the session's own.</summary>
    OfSession,

    /// <summary>A prepared statement.</summary>
    Prepared,
}
