namespace MigrationHost.Tests.PostgreSql;

/// <summary>Somebody else on the server.</summary>
/// <param name="Name">What the test calls it.</param>
/// <param name="Does">What it has done in a transaction that stays open.</param>
/// <param name="Then">What it does next, and has to wait for.</param>
/// <param name="Prepared">The name under which its transaction is prepared; nobody has it from then on.</param>
/// <param name="Elsewhere">Whether it is in another database of the server.</param>
internal sealed record BlockageSession(string Name, string Does, string? Then = null, string? Prepared = null, bool Elsewhere = false);
