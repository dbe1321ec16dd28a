namespace MigrationHost.Engines.Alembic;

/// <summary>How long a connection that env.py opens stays open.</summary>
internal enum AlembicConnectionHold
{
    /// <summary>For the block of a <c>with</c>.</summary>
    Block,

    /// <summary>Until it is closed by name.</summary>
    UntilClosed,

    /// <summary>For the length of one call.</summary>
    Call,
}
