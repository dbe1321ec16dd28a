namespace MigrationHost.Engines.Alembic;

/// <summary>What runs when Alembic runs. Null is what could not be found out.</summary>
internal sealed record AlembicVersions(Version? Python, Version? Alembic, Version? SqlAlchemy)
{
    public static readonly AlembicVersions Unknown = new(null, null, null);

    /// <summary>Reads lines such as <c>alembic 1.8.1</c>, what the interpreter was asked to print.</summary>
    public static AlembicVersions Parse(IEnumerable<string> lines)
    {
        var known = lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(parts => parts.Length == 2)
            .GroupBy(parts => parts[0], StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => Number(group.Last()[1]), StringComparer.Ordinal);
        return new AlembicVersions(known.GetValueOrDefault("python"), known.GetValueOrDefault("alembic"), known.GetValueOrDefault("sqlalchemy"));
    }

    public override string ToString() => $"Python {Python?.ToString() ?? "unknown"}, Alembic {Alembic?.ToString() ?? "unknown"}, SQLAlchemy {SqlAlchemy?.ToString() ?? "unknown"}";

    // "1.8.1.dev0", "2.0.0b3": the numbers at the start are enough.
    private static Version? Number(string text)
    {
        var numbers = text.Split('.').Take(3).Select(part => new string([.. part.TakeWhile(char.IsAsciiDigit)])).TakeWhile(part => part.Length > 0).ToList();
        return numbers.Count >= 2 && Version.TryParse(string.Join('.', numbers), out var version) ? version : null;
    }
}
