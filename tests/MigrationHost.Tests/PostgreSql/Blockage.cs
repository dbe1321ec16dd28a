namespace MigrationHost.Tests.PostgreSql;

/// <summary>A blockage that a test builds on a real server: who holds what, what the migration wants, and who is to be named.</summary>
internal sealed record Blockage
{
    public required string Name { get; init; }

    /// <summary>The others, in the order in which they come.</summary>
    public required BlockageSession[] Others { get; init; }

    /// <summary>The migration that is held up.</summary>
    /// <remarks><c>{role}</c> is a role of the test's own, <c>{gid}</c> the name of a prepared transaction, <c>{other}</c> the other database.</remarks>
    public required string Migration { get; init; }

    /// <summary>Who is to be named first: the root of the chain.</summary>
    public required string Root { get; init; }

    /// <summary>Who may be named besides: those in between who hold the lock themselves.</summary>
    public string[] Between { get; init; } = [];

    /// <summary>What the root holds.</summary>
    public required string Holds { get; init; }

    /// <summary>What that is on.</summary>
    public required string On { get; init; }

    /// <summary>What the remedy has in it; <c>{pid}</c> is the root's.</summary>
    public string Remedy { get; init; } = "commit or roll back there, or: select pg_terminate_backend({pid})";

    public override string ToString() => Name;
}
