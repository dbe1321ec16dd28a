using MigrationHost.Platform;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Tests.Support;

/// <summary>An SQLite file in one of its two journal modes.</summary>
internal sealed class SqliteTestDatabase : TestDatabase
{
    public SqliteTestDatabase(bool wal = false)
    {
        Directory.CreateDirectory(Folder["data"]);
        Directory.CreateDirectory(Folder["migrations"]);
        if (!wal)
            return;
        using var connection = Open();
        Run(connection, "PRAGMA journal_mode = wal");
    }

    public string Path => Folder["data/app.db"];

    protected override IEnumerable<KeyValuePair<string, string?>> Connection =>
    [
        KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"Sqlite"),
        KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)"Data Source=data/app.db"),
    ];

    public override string Endless => "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT count(*) FROM n;";

    public override string Slow => "CREATE TABLE slow AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 25000000) SELECT max(x) FROM n;";

    public override string OutsideTransaction => "VACUUM;";

    public override Task<string> QueryAsync(string sql) => Sqlite3.QueryAsync(Path, sql);

    public override async Task RunFileAsync(string path)
    {
        await using var shell = new RunningProgram("sh", ["-c", "exec sqlite3 \"$0\" < \"$1\"", Path, path]);
        shell.CloseInput();
        Assert.True(await shell.ExitAsync() == 0, shell.All);
    }

    public override Task<string> SchemaAsync() =>
        QueryAsync("SELECT type, name, sql FROM sqlite_master WHERE tbl_name NOT LIKE 'migrationhost%' ORDER BY type, name");

    public override async Task<LockHolder> HoldFromOutsideAsync()
    {
        var shell = await Sqlite3.HoldAsync(Path, "BEGIN IMMEDIATE;");
        return new LockHolder(shell.Pid, "sqlite3", shell.ReleaseAsync);
    }

    public override Task<LockHolder> HoldFromInsideAsync()
    {
        var connection = Open();
        Run(connection, "BEGIN IMMEDIATE");
        return Task.FromResult(new LockHolder(Environment.ProcessId, null, () => connection.DisposeAsync().AsTask()));
    }

    public override async Task AssertReleasedAsync()
    {
        Assert.Equal(0, ProcessInfo.OpenDescriptors(Environment.ProcessId, Path));
        Assert.DoesNotContain(Directory.GetFiles(Folder["data"]).Select(file => System.IO.Path.GetFileName(file)), file => file.Contains("migrationhost", StringComparison.Ordinal) || file.EndsWith("-journal", StringComparison.Ordinal));
        await using var other = await Sqlite3.HoldAsync(Path, ".timeout 0\nBEGIN EXCLUSIVE;");
    }

    /// <summary>Lets every user of the system work on it: permissions mean nothing to root, which the tests may run as.</summary>
    public void OpenToEverybody()
    {
        const UnixFileMode all = (UnixFileMode)0x1FF;
        foreach (var folder in new[] { Folder.Path, Folder["data"], Folder["migrations"] })
            File.SetUnixFileMode(folder, all);
        if (File.Exists(Path))
            File.SetUnixFileMode(Path, all);
    }

    public SqliteConnection Open()
    {
        var connection = new SqliteConnection($"Data Source={Path};Pooling=False");
        connection.Open();
        return connection;
    }

    public static object? Run(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }
}
