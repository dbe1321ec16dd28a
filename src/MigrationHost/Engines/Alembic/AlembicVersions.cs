namespace MigrationHost.Engines.Alembic;

/// <summary>What runs when Alembic runs. Null is what could not be found out.</summary>
internal sealed record AlembicVersions(Version? Python, Version? Alembic, Version? SqlAlchemy)
{
    public static AlembicVersions Read(string? python, string? alembic, string? sqlAlchemy) =>
        new(Number(python), Number(alembic), Number(sqlAlchemy));

    public override string ToString() => $"Python {Python?.ToString() ?? "unknown"}, Alembic {Alembic?.ToString() ?? "unknown"}, "
        + $"SQLAlchemy {SqlAlchemy?.ToString() ?? "unknown"}";

    // "1.8.1.dev0", "2.0.0b3": the numbers at the start are enough.
    private static Version? Number(string? text)
    {
        var parts = (text ?? "").Split('.').Take(3).Select(part => new string([.. part.TakeWhile(char.IsAsciiDigit)]));
        var numbers = parts.TakeWhile(part => part.Length > 0).ToList();
        return numbers.Count >= 2 && Version.TryParse(string.Join('.', numbers), out var version) ? version : null;
    }
}
