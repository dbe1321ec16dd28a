namespace MigrationHost.Tests.Support;

/// <summary>A database of a test's own, and what the contract tests have to know of its kind: how to look at it, how to hold its locks from outside, and how to say a few things in its SQL.</summary>
internal abstract class TestDatabase : IAsyncDisposable
{
    public TempFolder Folder { get; } = new();

    /// <summary>The settings that name this database.</summary>
    public IEnumerable<KeyValuePair<string, string?>> Settings => AllowExistingTables
        ? Connection.Append(KeyValuePair.Create("MigrationHost:Databases:app:AllowExistingTables", (string?)"true"))
        : Connection;

    /// <summary>For a test that makes tables of its own before it migrates.</summary>
    public bool AllowExistingTables { get; set; }

    /// <summary>The settings that say where it is.</summary>
    protected abstract IEnumerable<KeyValuePair<string, string?>> Connection { get; }

    /// <summary>SQL that never ends.</summary>
    public abstract string Endless { get; }

    /// <summary>SQL that works for a while, in many small steps, and then ends.</summary>
    public abstract string Slow { get; }

    /// <summary>A statement that cannot run in a transaction.</summary>
    public abstract string OutsideTransaction { get; }

    /// <summary>The answer of a query as text, asked by another process: rows on lines, columns behind bars.</summary>
    public abstract Task<string> QueryAsync(string sql);

    /// <summary>Has the database's own client run a file, and fails if that fails.</summary>
    public abstract Task RunFileAsync(string path);

    /// <summary>Its tables, views and indexes with their columns, ours left out.</summary>
    public abstract Task<string> SchemaAsync();

    /// <summary>A second process that holds the lock every migration of table <c>guarded</c> needs, until disposed.</summary>
    public abstract Task<LockHolder> HoldFromOutsideAsync();

    /// <summary>A connection of this process that does the same.</summary>
    public abstract Task<LockHolder> HoldFromInsideAsync();

    /// <summary>Fails where a run has left anything behind: a lock, a descriptor, a session, a file.</summary>
    public abstract Task AssertReleasedAsync();

    public string Migration(string name, string sql) => Folder.Write($"migrations/{name}.sql", sql);

    public TestHost Host(params (string Key, string Value)[] settings) => new(
        Folder.Path,
        [.. Settings, .. settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value))]);

    /// <summary>An application that registers what it has in code, with settings below <c>MigrationHost</c> besides.</summary>
    public TestHost Host(Action<MigrationHostBuilder> add, params (string Key, string Value)[] settings) => new(
        Folder.Path, settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value)), add);

    /// <summary>The same settings for the program's command line.</summary>
    public IEnumerable<string> Arguments(params (string Key, string Value)[] settings) =>
    [
        .. Settings.Select(setting => $"--{setting.Key}={setting.Value}"),
        .. settings.Select(setting => $"--MigrationHost:{setting.Key}={setting.Value}"),
    ];

    public Task<string> HistoryAsync() => QueryAsync("SELECT version FROM migrationhost_history ORDER BY length(version), version");

    public virtual ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
