using MigrationHost;
using MigrationHost.Testing;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Xunit;

namespace OwnApp.Tests;

public sealed class OwnAppTests
{
    [Fact]
    public async Task The_application_answers_on_a_database_of_this_test()
    {
        await using var database = await MigratedDatabase.CreateAsync("migrations");
        await using var app = Application(database.ConnectionString);
        using var client = app.CreateClient();

        Assert.Equal("Hello, migrated world.", await client.GetStringAsync(new Uri("/", UriKind.Relative)));
    }

    [Fact]
    public async Task A_query_finds_the_tables()
    {
        await using var database = await MigratedDatabase.CreateInMemoryAsync("migrations");
        await using var connection = new SqliteConnection(database.ConnectionString);
        await connection.OpenAsync();
        await using var command = new SqliteCommand("SELECT count(*) FROM greetings", connection);

        Assert.Equal(0L, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task What_keeps_it_from_starting_is_thrown()
    {
        await using var app = Application("Data Source=nowhere/at/all/app.db;Mode=ReadWrite");

        var failure = Assert.Throws<MigrationException>(() => app.CreateClient());
        Assert.Equal(MigrationErrorCode.DatabaseUnreachable, failure.Error.Code);
    }

    private static WebApplicationFactory<Program> Application(string connectionString) =>
        new WebApplicationFactory<Program>().WithWebHostBuilder(builder =>
            builder.UseSetting("MigrationHost:Databases:app:ConnectionString", connectionString)
                .UseSetting("MigrationHost:ManagementUrl", "") // no port that two tests could want
                .UseSetting("MigrationHost:Timeouts:DatabaseWait", "00:00:01"));
}
