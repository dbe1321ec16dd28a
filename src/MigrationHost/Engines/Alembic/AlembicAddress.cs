namespace MigrationHost.Engines.Alembic;

/// <summary>The address that Alembic will use, as far as it can be known without running env.py. The password never leaves
/// Python.</summary>
internal sealed record AlembicAddress
{
    /// <summary>The dialect of SQLite.</summary>
    public const string Sqlite = "sqlite";

    /// <summary>Such as <c>postgresql</c>; null if the address is not known.</summary>
    public string? Dialect { get; set; }

    public string? Host { get; set; }

    public int? Port { get; set; }

    public string? Database { get; set; }

    /// <summary><c>timeout</c>, <c>host</c> and <c>port</c>, as far as they are options.</summary>
    public IReadOnlyDictionary<string, string> Options { get; set; } = new Dictionary<string, string>();

    /// <summary>Why its driver cannot be imported; null if it can, or is not known.</summary>
    public string? DriverProblem { get; set; }

    /// <summary>The environment variable it comes from; null if it comes from a file.</summary>
    public string? Variable { get; set; }

    /// <summary>The file that says so, from the content root.</summary>
    public string? File { get; set; }

    /// <summary>The line, counted from 1.</summary>
    public int? Line { get; set; }

    /// <summary>Why there is no address; null if there is one, or it cannot be known.</summary>
    public string? Problem { get; set; }

    public string Source => Variable is not null ? $"the environment variable {Variable}" : Place;

    public string Place => Line is { } line ? $"{File}:{line}" : File ?? "";

    public bool IsSqlite => Dialect == Sqlite;

    /// <summary>The file that it means; null for a database in memory.</summary>
    /// <param name="workingDirectory">Where the tool runs: a relative path counts from there.</param>
    public string? SqlitePath(string workingDirectory)
    {
        var path = Database is { } database && database.StartsWith("file:", StringComparison.Ordinal) ? database[5..] : Database ?? "";
        return path.Length == 0 || path == ":memory:" ? null : Path.GetFullPath(path, workingDirectory);
    }

    public override string ToString() =>
        IsSqlite ? $"sqlite:///{Database}" : $"{Dialect}://{Host}{(Port is { } port ? $":{port}" : "")}/{Database}";
}
