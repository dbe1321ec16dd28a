using System.Data.Common;
using System.Text.RegularExpressions;
using MigrationHost.Databases;
using MigrationHost.EfApp.Shop;
using MigrationHost.EfApp.Small;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using MySql.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>Contexts whose own <c>Migrate</c> is called, under the watch alone: those of other providers, and those that replace
/// <see cref="IMigrator"/>.</summary>
public sealed partial class ContextMigrateCallTests : IClassFixture<MariaDbServer>, IAsyncLifetime
{
    private readonly MariaDbServer _server;
    private readonly string _name = $"test_{Guid.NewGuid():N}";
    private readonly ShopDatabase _file = new();

    public ContextMigrateCallTests(MariaDbServer server) => _server = server;

    private string ConnectionString =>
        $"Server=127.0.0.1;Port={_server.Port};User Id=root;Database={_name};SslMode=Disabled;Pooling=False";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _file.DisposeAsync();

    [Fact]
    public async Task Another_provider_migrates_in_its_own_way_with_progress_and_a_result_that_is_read_back()
    {
        await using var host = Host<TwoStepsContext>();

        var (pending, error) = await host.Run.InspectAsync(null, CancellationToken.None);
        Assert.Null(error);
        Assert.True(pending);
        Assert.Null(await host.MigrateAsync());

        var status = host.Status;
        Assert.Equal((DatabaseProvider.Other, MigrationPhase.Ready, "20260102120000_Second"), (status.Provider, status.Phase, status.Current));
        Assert.Equal(["20260101120000_First", "20260102120000_Second"], status.Applied.Select(applied => applied.Version));
        Assert.Contains($"MySql.EntityFrameworkCore: 127.0.0.1/{_name}", status.Target, StringComparison.Ordinal);
        Assert.Contains(host.Log.All, line => line.Contains("applied 20260101120000_First First (3 commands", StringComparison.Ordinal));
        Assert.Equal("2", await _server.QueryAsync($"SELECT count(*) FROM {_name}.__EFMigrationsHistory"));
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_target_is_the_last_that_another_provider_applies()
    {
        await using var host = Host<TwoStepsContext>();

        Assert.Null(await host.Run.MigrateAsync(null, "First", CancellationToken.None));
        Assert.Equal("1", await _server.QueryAsync($"SELECT count(*) FROM {_name}.__EFMigrationsHistory"));
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(7, (await host.Run.MigrateAsync(null, "First", CancellationToken.None))!.ExitCode);
    }

    [Fact]
    public async Task A_migration_that_fails_is_told_with_what_the_server_says_and_what_is_applied()
    {
        await using var host = Host<BrokenSecondContext>();

        var error = await host.MigrateAsync();

        Assert.Equal((4, "20260102120000_BrokenSecond"), (error!.ExitCode, error.Version));
        Assert.Contains("20260102120000_BrokenSecond: ", error.Message, StringComparison.Ordinal);
        Assert.Contains("nowhere", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_holds_a_lock_is_not_claimed_to_be_nobody()
    {
        await using var host = Host<TwoStepsContext>();

        var report = (await host.Run.Diagnostician.TakeAsync(TimeSpan.Zero)).Report;

        Assert.False(report.Complete);
        Assert.Contains("not known", report.Note, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_table_that_somebody_holds_ends_at_the_limit_of_the_migration()
    {
        await using var host = Host<TwoStepsContext>(("Timeouts:Migration", "00:00:02"), ("Timeouts:StallAfter", "00:00:00.300"));
        Assert.Null(await host.Run.MigrateAsync(null, "First", CancellationToken.None));
        await using var holder = await _server.HoldAsync($"BEGIN; SELECT * FROM {_name}.first");

        var error = await host.MigrateAsync();

        Assert.Equal((6, "20260102120000_Second"), (error!.ExitCode, error.Version));
    }

    [Fact]
    public async Task EF_Cores_own_lock_is_waited_for_within_the_turn()
    {
        await using var host = Host<TwoStepsContext>(("Timeouts:Turn", "00:00:02"));
        await using var holder = await _server.HoldAsync("SELECT GET_LOCK('__EFMigrationsLock', 0)");

        var error = await host.MigrateAsync();

        Assert.Equal(5, error!.ExitCode);
        Assert.Contains("EF Core's own lock on the migrations", error.Message, StringComparison.Ordinal);
        Assert.Contains("not known", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_EnsureCreated_is_refused_and_baselined()
    {
        await _server.QueryAsync($"CREATE DATABASE {_name}; CREATE TABLE {_name}.first (id INT)");
        await using var host = Host<TwoStepsContext>();

        var error = await host.MigrateAsync();

        Assert.Equal(7, error!.ExitCode);
        Assert.Contains("1 table (first)", error.Message, StringComparison.Ordinal);
        Assert.Contains("baseline VERSION", error.Hint, StringComparison.Ordinal);
        Assert.Null(await host.Run.BaselineAsync("First", dryRun: false, CancellationToken.None));
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_history_table_that_is_somebody_elses_is_told()
    {
        await _server.QueryAsync($"CREATE DATABASE {_name}; CREATE TABLE {_name}.__EFMigrationsHistory (note TEXT)");
        await using var host = Host<TwoStepsContext>();

        Assert.Equal(7, (await host.MigrateAsync())!.ExitCode);
    }

    [Fact]
    public async Task A_history_that_another_session_has_locked_is_waited_for_and_not_called_foreign()
    {
        await using (var first = Host<TwoStepsContext>())
            Assert.Null(await first.MigrateAsync());
        await using var holder = await _server.HoldAsync($"LOCK TABLES {_name}.__EFMigrationsHistory WRITE");
        await using var host = Host<TwoStepsContext>(mySql => mySql.CommandTimeout(1), ("Timeouts:Lock", "00:00:03"));

        var error = await host.MigrateAsync();

        Assert.Equal((5, "waited 3 s for the history to be read"), (error!.ExitCode, error.Message.Split(':')[0]));
        holder.CloseInput();
        await holder.ExitAsync();
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_server_that_goes_away_between_two_looks_is_a_lost_connection()
    {
        await using var proxy = new TcpProxy(_server.Port);
        await using var host = _file.HostOf(
            builder =>
            {
                builder.Services.AddDbContext<TwoStepsContext>(options => options.UseMySQL(
                    ConnectionString.Replace($"Port={_server.Port}", $"Port={proxy.Port}", StringComparison.Ordinal)));
                builder.AddEntityFramework<TwoStepsContext>();
            },
            []);
        var opened = await host.Run.Database.TryOpenAsync(SessionPurpose.Migrate, CancellationToken.None);
        await using var session = opened.Session!;
        var turn = (await session.TryTakeTurnAsync(null!, CancellationToken.None)).Turn!;
        await using var transaction = (await turn.TryBeginAsync("1", ScriptHeader.None, CancellationToken.None))!;

        await proxy.DisposeAsync();

        await Assert.ThrowsAsync<ConnectionLostException>(async () => await session.TryReadHistoryAsync(CancellationToken.None));
        await Assert.ThrowsAsync<ConnectionLostException>(async () => await session.TryReadTablesAsync([], CancellationToken.None));
        await Assert.ThrowsAsync<ConnectionLostException>(async () => await transaction.TryCommitAsync(CancellationToken.None));
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_waited_for()
    {
        await using var host = _file.HostOf(
            builder =>
            {
                builder.Services.AddDbContext<TwoStepsContext>(
                    options => options.UseMySQL("Server=127.0.0.1;Port=1;User Id=root;Password=Sekret99x;Database=shop"));
                builder.AddEntityFramework<TwoStepsContext>();
            },
            ("Timeouts:DatabaseWait", "00:00:01"));

        var error = await host.MigrateAsync();

        Assert.Equal(3, error!.ExitCode);
        Assert.DoesNotContain("Sekret99x", error.Message, StringComparison.Ordinal);
        var checks = await host.Run.Database.CheckAsync(CancellationToken.None).ToListAsync();
        Assert.Contains(checks, check => check is { Check: "connection", Message: var message } && message.Contains("127.0.0.1/shop", StringComparison.Ordinal));
    }

    [Fact]
    public void A_replaced_migrator_is_refused_with_the_setting_that_lets_it_run()
    {
        var host = ReplacedHost();

        var problem = Assert.Single(Assert.Throws<OptionsValidationException>(() => host.Runs).Failures);

        Assert.Contains("replaces IMigrator", problem, StringComparison.Ordinal);
        Assert.Contains("CallMigrate: true", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replaced_migrator_is_called_if_that_is_set()
    {
        var called = CountingMigrator.Called;
        await using var host = ReplacedHost(("Databases:Shop:CallMigrate", "true"));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(called + 1, CountingMigrator.Called);
        Assert.Equal(ShopDatabase.Ids, host.Status.Applied.Select(applied => applied.Version));
        Assert.Equal("2", await _file.QueryAsync("SELECT count(*) FROM Orders"));
    }

    [Fact]
    public async Task Its_own_seeding_runs_at_every_start()
    {
        var seeded = new List<bool>();
        await using var host = _file.Host(
            options => options.CallMigrate = true,
            context: options => options.UseAsyncSeeding((_, changed, _) =>
            {
                seeded.Add(changed);
                return Task.CompletedTask;
            }));

        Assert.Null(await host.MigrateAsync());
        Assert.Null(await host.MigrateAsync());

        Assert.Equal([true, false], seeded);
    }

    [Fact]
    public async Task A_seeding_that_fails_is_not_told_as_its_last_migration()
    {
        var isBroken = true;
        await using var host = SeededHost(() => isBroken ? throw new FormatException("not a price") : Task.CompletedTask);

        var error = await host.MigrateAsync();

        Assert.Equal((4, null, "the seeding of ShopContext failed: FormatException: not a price"), (error!.ExitCode, error.Version, error.Message));
        Assert.Contains("Correct UseSeeding or UseAsyncSeeding", error.Hint, StringComparison.Ordinal);
        isBroken = false;
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_seeding_that_the_database_refuses_is_no_database_that_is_out_of_reach()
    {
        await using var host = SeededHost(() => throw new DbUpdateException("not saved", new SqliteException("no such table: prices", 1)));
        await using (var first = _file.Host())
            Assert.Null(await first.MigrateAsync());

        var error = await host.MigrateAsync();

        Assert.Equal((4, "the seeding of ShopContext failed: DbUpdateException: no such table: prices"), (error!.ExitCode, error.Message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_seeding_that_is_refused_a_lock_is_blocked(bool isMigrated)
    {
        if (isMigrated)
        {
            await using var first = _file.Host();
            Assert.Null(await first.MigrateAsync());
        }
        await using var host = SeededHost(() => throw new DbUpdateException("not saved", new SqliteException("database is locked", 5)));

        var error = await host.MigrateAsync();

        Assert.Equal((5, true), (error!.ExitCode, error.Transient));
        Assert.Contains("the seeding of ShopContext was refused a lock: database is locked", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_seeding_that_loses_its_connection_runs_again()
    {
        var seeded = 0;
        await using var host = SeededHost(() => ++seeded == 1
            ? throw new DbUpdateException("not saved", new NpgsqlException("Exception while reading from stream", new IOException("cut")))
            : Task.CompletedTask);

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(2, seeded);
    }

    [Theory]
    [InlineData("55P03", 5)]
    [InlineData("57P01", 3)]
    [InlineData("42601", 4)]
    public async Task A_migration_whose_lock_or_connection_the_server_takes_has_the_code_of_that(string state, int code)
    {
        await using var host = _file.Host(
            options => options.CallMigrate = true,
            context: options => options.AddInterceptors(new Refused("CREATE TABLE \"Orders\"", new PostgresException("no", "ERROR", "ERROR", state))));

        var error = await host.MigrateAsync();

        Assert.Equal((code, "20260101120000_Initial"), (error!.ExitCode, error.Version));
    }

    private TestHost Host<TContext>(params (string Key, string Value)[] settings) where TContext : DbContext => Host<TContext>(_ => { }, settings);

    private TestHost Host<TContext>(Action<MySQLDbContextOptionsBuilder> mySql, params (string Key, string Value)[] settings) where TContext : DbContext => _file.HostOf(
        builder =>
        {
            builder.Services.AddDbContext<TContext>(options => options.UseMySQL(ConnectionString, mySql).AddInterceptors(new LockOfMariaDb()));
            builder.AddEntityFramework<TContext>();
        },
        settings);

    private TestHost SeededHost(Func<Task> seed) => _file.Host(
        options => options.CallMigrate = true, context: options => options.UseAsyncSeeding((_, _, _) => seed()));

    private TestHost ReplacedHost(params (string Key, string Value)[] settings) =>
        _file.Host(null, settings, options => options.ReplaceService<IMigrator, CountingMigrator>());

    private sealed class Refused(string command, Exception e) : DbCommandInterceptor
    {
        public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
            DbCommand dbCommand, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken) =>
            dbCommand.CommandText.StartsWith(command, StringComparison.Ordinal) ? throw e : new(result);
    }

    /// <summary>For MySQL a lock that is waited for without end is -1, for MariaDB a long time, and its result is a shorter number.</summary>
    private sealed partial class LockOfMariaDb : DbCommandInterceptor
    {
        public override DbCommand CommandInitialized(CommandEndEventData eventData, DbCommand result)
        {
            result.CommandText = Function().Replace(result.CommandText.Replace(",-1)", ",3600)", StringComparison.Ordinal), "$0 + 4294967296 - 4294967296");
            return result;
        }

        [GeneratedRegex(@"(GET|RELEASE)_LOCK\([^)]*\)")]
        private static partial Regex Function();
    }
}
