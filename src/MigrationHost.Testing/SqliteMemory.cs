using Microsoft.Data.Sqlite;

namespace MigrationHost.Testing;

/// <summary>SQLite in memory: a copy is filled from the template's file, and lives as long as one connection to it.</summary>
internal sealed class SqliteMemory : ITemplates
{
    public string Scope => "";

    public async Task<TestCopy> CopyAsync(Template template, CancellationToken cancellationToken)
    {
        var file = await SqliteTemplates.FileOfAsync(template, cancellationToken).ConfigureAwait(false);
        var memory = new SqliteConnectionStringBuilder
        {
            DataSource = $"migrated-{Guid.NewGuid():N}",
            Mode = SqliteOpenMode.Memory,
            Cache = SqliteCacheMode.Shared,
            Pooling = false,
        }.ConnectionString;
        var keeper = new SqliteConnection(memory);
        keeper.Open();
        using var source = new SqliteConnection(ReadOnly(file));
        source.Open();
        source.BackupDatabase(keeper);
        return new TestCopy(memory, keeper.DisposeAsync);
    }

    // Immutable: SQLite then makes no files beside it, which it would for one in WAL mode.
    private static string ReadOnly(string file) => new SqliteConnectionStringBuilder
    {
        DataSource = $"{new Uri(file).AbsoluteUri}?immutable=1",
        Mode = SqliteOpenMode.ReadOnly,
        Pooling = false,
    }.ConnectionString;
}
