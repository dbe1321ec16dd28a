namespace MigrationHost.Bench;

/// <summary>A temporary folder with so many migrations in it.</summary>
internal sealed class Folder : IDisposable
{
    public Folder(int migrations) : this(migrations, Migration)
    {
    }

    public Folder(int migrations, Func<int, string> migration)
    {
        Directory.CreateDirectory(this["migrations"]);
        for (var i = 1; i <= migrations; i++)
            File.WriteAllText(this[$"migrations/{i}_create_t{i}.sql"], migration(i));
    }

    public string Path { get; } = Directory.CreateTempSubdirectory("migrationhost-bench-").FullName;

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public static string Migration(int number) =>
        $"""
        CREATE TABLE t{number} (id INTEGER PRIMARY KEY, name TEXT NOT NULL, created_at TEXT NOT NULL);
        CREATE INDEX t{number}_by_name ON t{number} (name);

        """;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
