using System.Diagnostics;

namespace MigrationHost.Bench.Peers;

/// <summary>A temporary folder and a new database beside it: an SQLite file, or one on the server that psql's variables name.</summary>
internal sealed class Place : IDisposable
{
    private static int _count;

    private readonly Folder _folder = new(0);
    private readonly string _database = $"peer_{Environment.ProcessId}_{Interlocked.Increment(ref _count)}";

    public Place(bool isSqlite)
    {
        IsSqlite = isSqlite;
        if (!isSqlite)
            Server("postgres", $"CREATE DATABASE {_database}");
    }

    public bool IsSqlite { get; }

    public string Folder => _folder.Path;

    public string File => _folder["app.db"];

    /// <summary>The server's port, where something stands before it.</summary>
    public string Port { get; set; } = Variable("PGPORT");

    /// <summary>In the drivers' own form.</summary>
    public string ConnectionString => IsSqlite
        ? $"Data Source={File}"
        : $"Host={Variable("PGHOST")};Port={Port};Username={Variable("PGUSER")};Database={_database}";

    /// <param name="sqlite">The scheme that the tool wants for an SQLite file.</param>
    /// <param name="postgreSql">The scheme that it wants for PostgreSQL.</param>
    public string Address(string sqlite, string postgreSql = "postgres") =>
        IsSqlite ? $"{sqlite}{File}" : $"{postgreSql}://{Variable("PGUSER")}@{Variable("PGHOST")}:{Port}/{_database}";

    public void Write(string name, string text)
    {
        var path = _folder[name];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        System.IO.File.WriteAllText(path, text);
    }

    /// <summary>The database's own shell.</summary>
    public ProcessStartInfo Shell(params string[] arguments) => IsSqlite
        ? new ProcessStartInfo("sqlite3", ["-batch", "-bail", File, .. arguments])
        : new ProcessStartInfo("psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", _database, .. arguments]);

    /// <summary>What the shell prints for one statement.</summary>
    public string Ask(string sql) => Output(IsSqlite ? Shell(sql) : Shell("-c", sql));

    public void Dispose()
    {
        if (!IsSqlite)
            Server("postgres", $"DROP DATABASE {_database} WITH (FORCE)");
        _folder.Dispose();
    }

    private static void Server(string database, string sql) =>
        Output(new ProcessStartInfo("psql", ["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", database, "-c", sql]));

    private static string Output(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output.Trim() : throw new InvalidOperationException($"{start.FileName} failed");
    }

    private static string Variable(string name) => Environment.GetEnvironmentVariable(name) ?? "";
}
