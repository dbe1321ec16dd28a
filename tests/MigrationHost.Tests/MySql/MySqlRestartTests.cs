using System.Globalization;
using MigrationHost.Databases.MySql;
using MigrationHost.Tests.Support;
using MySqlConnector;

namespace MigrationHost.Tests.MySql;

/// <summary>A server that is not there yet, or goes away.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlRestartTests : IAsyncLifetime
{
    private readonly MariaDbServer _server = MariaDbServer.Durable();

    public Task InitializeAsync() => _server.CreateAsync();

    public Task DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_server_that_comes_up_late_is_waited_for_and_one_that_is_shut_down_or_killed_in_the_middle_too()
    {
        using var folder = new TempFolder();
        folder.Write("migrations/1_create.sql", "CREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nSELECT SLEEP(2);\nALTER TABLE a ADD COLUMN x INTEGER;\nINSERT INTO a VALUES (2, 2);");
        folder.Write("migrations/2_middle.sql", "INSERT INTO a VALUES (3, 3);\nSELECT SLEEP(2);\nINSERT INTO a VALUES (4, 4);");
        var place = string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={_server.Port};User ID=root;Database=late;SslMode=Disabled");
        await using var host = new TestHost(
            folder.Path,
            [
                KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"MySql"),
                KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)place),
            ]);
        var run = host.MigrateAsync();
        await host.StatusAsync(status => status is { Phase: MigrationPhase.Connecting, WaitingFor.What: var what } && what.Contains("to come up", StringComparison.Ordinal));

        await _server.StartAsync();
        await _server.QueryAsync("CREATE DATABASE late");
        await host.StatusAsync(status => status.Running is { Version: "1", Statement: 3 });
        await _server.StopAsync();
        await _server.StartAsync();
        await host.StatusAsync(status => status.Running is { Version: "2", Statement: 2 });
        await _server.KillAsync();
        await _server.StartAsync();

        Assert.Null(await run);
        await using var connection = new MySqlConnection($"{place};Pooling=False");
        await connection.OpenAsync();
        await using var command = new MySqlCommand("SELECT group_concat(id ORDER BY id) FROM a", connection);
        Assert.Equal("1,2,3,4", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_session_of_a_server_that_has_started_again_is_somebody_elses()
    {
        await _server.StartAsync();
        var place = string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={_server.Port};User ID=root;SslMode=Disabled;Pooling=False");
        await using var stranger = await MySqlLink.OpenAsync(place, CancellationToken.None);
        await using var link = await MySqlLink.OpenAsync(place, CancellationToken.None);
        var left = new MySqlLeftSessions();

        left.Add(link.Server with { Started = link.Server.Started.AddMinutes(-1) }, stranger.Client);
        Assert.False(await left.EndAsync(link, CancellationToken.None));
        Assert.NotNull(await stranger.ScalarAsync("SELECT 1", CancellationToken.None));

        left.Add(link.Server, stranger.Client);
        Assert.True(await left.EndAsync(link, CancellationToken.None));
        await Assert.ThrowsAnyAsync<Exception>(() => stranger.ScalarAsync("SELECT 1", CancellationToken.None));
    }
}
