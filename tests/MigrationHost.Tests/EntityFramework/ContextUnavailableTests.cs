using System.Data.Common;
using System.Net.Sockets;
using MigrationHost.Databases;
using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>What the application's code asks while a context is made, opened or seeded may not be there yet: that is waited for, or tried again.</summary>
public sealed class ContextUnavailableTests : IAsyncLifetime
{
    private static readonly (string, string) Briefly = ("Timeouts:DatabaseWait", "00:00:01");

    private readonly ShopDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_connection_interceptor_that_has_no_token_is_an_unreachable_database()
    {
        await using var host = _database.Host(null, [Briefly], options => options.AddInterceptors(new Token(missing: int.MaxValue)));

        var error = await host.MigrateAsync();

        Assert.Equal(3, error!.ExitCode);
        Assert.Contains("HttpRequestException while ShopContext opens it: the identity endpoint does not answer", error.Message, StringComparison.Ordinal);
        Assert.Contains("interceptor", error.Hint, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_connection_interceptor_that_has_no_token_yet_is_waited_for(bool isThere)
    {
        if (isThere)
            await using (var stock = _database.Stock())
                await stock.Database.MigrateAsync(ShopDatabase.Ids[0]);
        var token = new Token(missing: 8);
        await using var host = _database.Host(null, context: options => options.AddInterceptors(token));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(ShopDatabase.Ids, host.Status.Applied.Select(applied => applied.Version));
        Assert.DoesNotContain(host.Log.All, line => line.Contains("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_context_that_asks_its_server_when_it_is_made_is_waited_for()
    {
        await using var host = _database.Host(null, [Briefly], _ => throw NoServer());

        var error = await host.MigrateAsync();

        Assert.Equal((3, true), (error!.ExitCode, error.Transient));
        Assert.Contains("ShopContext asks it when it is made: Failed to connect", error.Message, StringComparison.Ordinal);
        Assert.Contains(host.Run.Engine.Check(), check => check.Result == DoctorResult.Problem);
    }

    [Fact]
    public async Task A_context_that_could_not_be_made_with_the_settings_migrates_once_its_server_is_there()
    {
        var asked = 0;
        await using var host = _database.Host(null, context: _ =>
        {
            if (++asked <= 3)
                throw NoServer();
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(ShopDatabase.Ids, host.Status.Applied.Select(applied => applied.Version));
        Assert.Contains(host.Run.State.Warnings, warning => warning.Message.Contains("EF Core's own Migrate runs", StringComparison.Ordinal));
        Assert.Contains("shop.db", host.Run.Database.Target, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_context_that_cannot_be_made_in_a_later_attempt_is_waited_for_too()
    {
        var isDown = false;
        await using var host = _database.Host(null, [Briefly], _ =>
        {
            if (isDown)
                throw NoServer();
        });
        _ = host.Runs;

        isDown = true;
        Assert.Equal(3, (await host.MigrateAsync())!.ExitCode);
        isDown = false;
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_seeding_that_wraps_its_cancellation_ends_with_the_code_of_its_limit()
    {
        await using var host = _database.Host(null, [("Databases:Shop:Timeouts:Seeding", "00:00:00.300")], options => options.UseAsyncSeeding(async (_, _, token) =>
        {
            try
            {
                await Task.Delay(Timeout.Infinite, token);
            }
            catch (OperationCanceledException e)
            {
                throw new InvalidOperationException("seeding was given up", e);
            }
        }));

        Assert.Equal(6, (await host.MigrateAsync())!.ExitCode);
    }

    [Fact]
    public async Task A_seeding_that_loses_its_connection_again_and_again_may_be_tried_again_later()
    {
        var seeded = new List<bool>();
        await using var host = _database.Host(null, context: options => options.UseAsyncSeeding((_, applied, _) =>
        {
            seeded.Add(applied);
            throw new DbUpdateException("not saved", new NpgsqlException("Exception while reading from stream", new IOException("cut")));
        }));

        var error = await host.MigrateAsync();

        Assert.Equal((3, true), (error!.ExitCode, error.Transient));
        Assert.Contains("in the seeding of ShopContext: Exception while reading from stream", error.Message, StringComparison.Ordinal);
        Assert.Equal(6, seeded.Count);
        Assert.DoesNotContain(false, seeded);
    }

    [Fact]
    public async Task A_seeding_that_is_refused_a_lock_is_blocked()
    {
        await using (var first = _database.Host())
            Assert.Null(await first.MigrateAsync());
        await using var holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN IMMEDIATE;");
        await using var host = _database.Host(null, context: options => options
            .UseSqlite($"{_database.ConnectionString};Default Timeout=1")
            .UseAsyncSeeding((_, _, _) => Task.CompletedTask));

        var error = await host.MigrateAsync();

        Assert.Equal((5, true), (error!.ExitCode, error.Transient));
        Assert.Contains("the seeding of ShopContext was refused a lock", error.Message, StringComparison.Ordinal);
        await holder.ReleaseAsync();
        Assert.Null(await host.MigrateAsync());
    }

    private static NpgsqlException NoServer() => new("Failed to connect to 127.0.0.1:1", new SocketException((int)SocketError.ConnectionRefused));

    private sealed class Token(int missing) : DbConnectionInterceptor
    {
        private int _asked;

        public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result) =>
            ++_asked <= missing ? throw new HttpRequestException("the identity endpoint does not answer") : result;
    }
}
