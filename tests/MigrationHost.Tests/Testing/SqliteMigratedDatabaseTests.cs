using System.Data.Common;
using MigrationHost.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;

namespace MigrationHost.Tests.Testing;

/// <summary>Test databases in SQLite, as files and in memory.</summary>
public sealed class SqliteMigratedDatabaseTests : MigratedDatabaseContract
{
    protected override IEnumerable<string> Server => [];

    [Fact]
    public async Task A_database_in_wal_mode_is_copied_whole_and_removed_whole()
    {
        Write("2_wal", "-- migrationhost: transaction=none\nPRAGMA journal_mode = wal;");
        string file;
        await using (var database = await CreateAsync())
        {
            file = new SqliteConnectionStringBuilder(database.ConnectionString).DataSource;
            Assert.Equal("wal", await RunAsync(database, "PRAGMA journal_mode"));
            await RunAsync(database, "INSERT INTO users VALUES (1)");
        }
        Assert.Empty(Directory.GetFiles(Path.GetDirectoryName(file)!, $"{Path.GetFileName(file)}*"));

        await using var memory = await MigratedDatabase.CreateInMemoryAsync(Migrations);
        Assert.Equal("2", await RunAsync(memory, "SELECT count(*) FROM migrationhost_history"));
    }

    [Fact]
    public async Task A_database_in_memory_is_seen_by_every_connection_and_is_no_file()
    {
        await using var one = await MigratedDatabase.CreateInMemoryAsync(Migrations);
        await using var other = await MigratedDatabase.CreateInMemoryAsync(Migrations);
        await RunAsync(one, "INSERT INTO users VALUES (1)");

        Assert.Equal(("1", "0"), (await RunAsync(one, "SELECT count(*) FROM users"), await RunAsync(other, "SELECT count(*) FROM users")));
        Assert.Contains("Mode=Memory", one.ConnectionString, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_of_the_settings_says_how_it_is_migrated()
    {
        Write("2_names", "CREATE TABLE ${table} (id INTEGER);");
        var settings = new ConfigurationBuilder().AddInMemoryCollection(
        [
            KeyValuePair.Create("MigrationHost:Databases:shop:ConnectionString", (string?)"Data Source=never-touched.db"),
            KeyValuePair.Create("MigrationHost:Databases:shop:Migrations", (string?)Migrations),
            KeyValuePair.Create("MigrationHost:Databases:shop:Placeholders:table", (string?)"orders"),
        ]).Build();

        await using var database = await MigratedDatabase.CreateAsync(settings, "shop");
        Assert.Equal("0", await RunAsync(database, "SELECT count(*) FROM orders"));
        Assert.False(File.Exists("never-touched.db"));

        var wrong = await Assert.ThrowsAsync<MigrationException>(() => MigratedDatabase.CreateAsync(settings, "shpo"));
        Assert.Contains("did you mean 'shop'?", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Wrong_settings_are_told_before_anything_is_made()
    {
        var nowhere = await Assert.ThrowsAsync<MigrationException>(() => MigratedDatabase.CreateAsync("nowhere"));
        Assert.Equal(2, nowhere.Error.ExitCode);
        Assert.Contains("the folder nowhere does not exist (looked for ", nowhere.Message, StringComparison.Ordinal);

        var alembic = new ConfigurationBuilder().AddInMemoryCollection(
        [
            KeyValuePair.Create("MigrationHost:Databases:shop:ConnectionString", (string?)"Data Source=shop.db"),
            KeyValuePair.Create("MigrationHost:Databases:shop:Engine", (string?)"Alembic"),
        ]).Build();
        var engine = await Assert.ThrowsAsync<MigrationException>(() => MigratedDatabase.CreateAsync(alembic, "shop"));
        Assert.Contains("by the engine Sql, not by Alembic", engine.Message, StringComparison.Ordinal);

        var other = await Assert.ThrowsAsync<MigrationException>(() => MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.Other, "x"));
        Assert.Contains("test databases are served for Sqlite, PostgreSql", other.Message, StringComparison.Ordinal);

        var address = await Assert.ThrowsAsync<MigrationException>(
            () => MigratedDatabase.CreateAsync(Migrations, DatabaseProvider.MySql, "postgres://app:hunter2@127.0.0.1:1/app"));
        Assert.Contains("is a connection string of PostgreSql, but Provider is MySql", address.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", address.Message, StringComparison.Ordinal);
    }

    public override Task<MigratedDatabase> CreateAsync() => MigratedDatabase.CreateAsync(Migrations);

    protected override DbConnection Connect(string connectionString) => new SqliteConnection(connectionString);

    protected override Task<bool> ExistsAsync(string connectionString) =>
        Task.FromResult(File.Exists(new SqliteConnectionStringBuilder(connectionString).DataSource));
}
