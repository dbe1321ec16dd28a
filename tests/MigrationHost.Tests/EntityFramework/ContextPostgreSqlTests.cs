using System.Data.Common;
using MigrationHost.EfApp.Shop;
using MigrationHost.EfApp.Small;
using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>The migrations of a context on a PostgreSQL server.</summary>
[Collection(PostgreSqlCluster.Collection)]
public sealed class ContextPostgreSqlTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private readonly PostgreSqlTestDatabase _database = new(cluster);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task All_are_applied_and_stock_EF_Core_sees_exactly_that()
    {
        await using var host = Host(options => options.UseNpgsql(_database.ConnectionString));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(ShopDatabase.Ids, host.Status.Applied.Select(applied => applied.Version));
        await using var stock = Stock();
        Assert.Empty(await stock.Database.GetPendingMigrationsAsync());
        Assert.Equal(ShopDatabase.Ids, await stock.Database.GetAppliedMigrationsAsync());
        await stock.Database.MigrateAsync();
        Assert.Equal("Ada;\r\n-- '", (await stock.Customers.SingleAsync()).Name);
        await _database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_data_source_whose_password_changes_is_asked_for_it_at_every_connection()
    {
        var role = _database.CreateRole("PASSWORD 'changes often'", owner: true);
        cluster.RequirePassword(role);
        await _database.QueryAsync("SELECT pg_reload_conf()");
        await _database.QueryAsync($"ALTER SCHEMA public OWNER TO {role}");
        var asked = 0;
        var source = new NpgsqlDataSourceBuilder(new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Username = role, Password = null }.ConnectionString);
        source.UsePeriodicPasswordProvider(
            (_, _) =>
            {
                asked++;
                return ValueTask.FromResult("changes often");
            },
            TimeSpan.FromMinutes(1),
            TimeSpan.FromSeconds(1));
        await using var data = source.Build();
        await using var host = Host(options => options.UseNpgsql(data));

        Assert.Null(await host.MigrateAsync());

        Assert.True(asked > 0);
        Assert.Equal("5", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
    }

    [Theory]
    [InlineData("Options", true)]
    [InlineData("interceptor", true)]
    [InlineData("initializer", false)]
    public async Task A_role_that_each_connection_takes_owns_what_is_made_unless_an_initializer_sets_it(string where, bool owns)
    {
        var role = _database.CreateRole("INHERIT", owner: true);
        await _database.QueryAsync($"ALTER SCHEMA public OWNER TO {role}");
        var options = where == "Options" ? $";Options=-c role={role}" : "";
        var source = new NpgsqlDataSourceBuilder(_database.ConnectionString + options);
        if (where == "initializer")
            source.UsePhysicalConnectionInitializer(connection => SetRole(connection, role), connection => Task.Run(() => SetRole(connection, role)));
        await using var data = source.Build();
        await using var host = Host(builder =>
        {
            builder.UseNpgsql(data);
            if (where == "interceptor")
                builder.AddInterceptors(new TakesRole(role));
        });

        Assert.Null(await host.MigrateAsync());

        var owner = await _database.QueryAsync("SELECT tableowner FROM pg_tables WHERE tablename = 'Customers'");
        Assert.Equal(owns, owner == role);
    }

    [Fact]
    public async Task A_history_in_a_schema_of_its_own_is_made_there()
    {
        await using var host = Host(options => options.UseNpgsql(
            _database.ConnectionString, npgsql => npgsql.MigrationsHistoryTable("History", "audit")));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("5", await _database.QueryAsync("""SELECT count(*) FROM audit."History" """));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM pg_class WHERE relname LIKE '\\_\\_EF%'"));
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_database_that_is_missing_is_created()
    {
        var name = $"{_database.Name}_other";
        var connectionString = new NpgsqlConnectionStringBuilder(_database.ConnectionString) { Database = name }.ConnectionString;
        await using var host = Host(options => options.UseNpgsql(connectionString));
        await using var other = Host(options => options.UseNpgsql(connectionString));
        try
        {
            var missing = (await host.Run.InspectAsync(null, CancellationToken.None)).Error!;
            Assert.Equal((3, "The next start that migrates creates it."), (missing.ExitCode, missing.Hint));

            var errors = await Task.WhenAll(host.MigrateAsync(), other.MigrateAsync());

            Assert.All(errors, Assert.Null);
            Assert.Equal("5", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """, name));
        }
        finally
        {
            await _database.QueryAsync($"DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        }
    }

    [Fact]
    public async Task While_it_runs_EF_Cores_own_Migrate_is_kept_out_and_readers_are_not()
    {
        await using var holder = await HoldTableAsync();
        await using var host = Host(options => options.UseNpgsql(_database.ConnectionString));
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            async () => (await HistoryLocksAsync()).Contains("ShareUpdateExclusiveLock", StringComparison.Ordinal), () => string.Join('\n', host.Log.All));

        Assert.Equal("1", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
        await using var stock = Stock();
        var stockRun = stock.Database.MigrateAsync();
        await holder.DisposeAsync();

        Assert.Null(await run);
        try
        {
            await stockRun;
        }
        catch (PostgresException)
        {
            // EF Core looks once at what is applied, and lets go of its lock after each migration: one of ours may come in between.
        }
        Assert.Equal(ShopDatabase.Ids, await stock.Database.GetAppliedMigrationsAsync());
    }

    [Fact]
    public async Task Who_blocks_is_named()
    {
        await using var holder = await HoldTableAsync();
        await using var host = Host(options => options.UseNpgsql(_database.ConnectionString), ("Timeouts:StallAfter", "00:00:00.300"));
        var run = host.MigrateAsync();

        await Eventually.BecomesTrueAsync(
            () => host.Status.Blockers.Any(blocker => blocker.Pid == holder.Pid && blocker.Program == "psql"), () => string.Join('\n', host.Log.All));

        await holder.DisposeAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_history_that_an_old_replica_has_locked_is_read_within_the_limit_and_who_has_it_is_named()
    {
        await using (var stock = Stock())
            await stock.Database.MigrateAsync(ShopDatabase.Ids[0]);
        await using var holder = await _database.HoldFromOutsideAsync("""LOCK TABLE "__EFMigrationsHistory" IN ACCESS EXCLUSIVE MODE;""");
        await using var host = Host(
            options => options.UseNpgsql(_database.ConnectionString), ("Timeouts:Lock", "00:00:04"), ("Timeouts:StallAfter", "00:00:00.300"));

        var error = await host.MigrateAsync();

        Assert.Equal(5, error!.ExitCode);
        Assert.Contains($"psql (pid {holder.Pid})", error.Message, StringComparison.Ordinal);
        await holder.DisposeAsync();
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task New_types_are_known_to_the_applications_data_source()
    {
        await using var data = new NpgsqlDataSourceBuilder(_database.ConnectionString).Build();
        await using (await data.OpenConnectionAsync())
        {
            // The types are read now, before there is one more.
        }
        await using var host = _database.Host(builder =>
        {
            builder.Services.AddDbContext<ConcurrentContext>(options => options.UseNpgsql(data));
            builder.AddEntityFramework<ConcurrentContext>();
        });

        Assert.Null(await host.MigrateAsync());

        await using var connection = await data.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT 'fine'::mood", connection);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal("public.mood", reader.GetDataTypeName(0));
        Assert.Equal("3", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM migrationhost_history"));
    }

    [Fact]
    public async Task New_types_are_waited_for_while_the_application_has_no_connection()
    {
        await using var data = new NpgsqlDataSourceBuilder($"{_database.ConnectionString};Application Name=shop").Build();
        var refuses = new RefusesOf("shop", times: 3);
        await using var host = _database.Host(builder =>
        {
            builder.Services.AddDbContext<ConcurrentContext>(options => options.UseNpgsql(data).AddInterceptors(refuses));
            builder.AddEntityFramework<ConcurrentContext>();
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(0, refuses.Left);
        Assert.DoesNotContain(host.Log.All, line => line.Contains("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task New_types_that_could_not_be_read_are_read_at_the_next_attempt()
    {
        await using var data = new NpgsqlDataSourceBuilder($"{_database.ConnectionString};Application Name=shop").Build();
        var refuses = new RefusesOf("shop", times: int.MaxValue);
        await using var host = _database.Host(
            builder =>
            {
                builder.Services.AddDbContext<ConcurrentContext>(options => options.UseNpgsql(data).AddInterceptors(refuses));
                builder.AddEntityFramework<ConcurrentContext>();
            },
            ("Timeouts:DatabaseWait", "00:00:02"));

        var error = await host.MigrateAsync();

        Assert.Equal((3, true, 3), (error!.ExitCode, error.Transient, host.Status.AppliedCount));
        Assert.EndsWith("(53300: sorry, too many clients already)", error.Message, StringComparison.Ordinal);
        refuses.Left = 1;
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(0, refuses.Left);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_seeding_whose_connection_the_server_ends_runs_again_and_is_told_what_was_applied(bool callMigrate)
    {
        var seeded = new List<bool>();
        await using var host = Host(
            options => options
                .UseNpgsql(_database.ConnectionString)
                .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning))
                .UseAsyncSeeding(async (context, applied, token) =>
                {
                    seeded.Add(applied);
                    if (seeded.Count == 1)
                        await context.Database.ExecuteSqlRawAsync("SELECT pg_terminate_backend(pg_backend_pid())", token);
                }),
            ("Databases:Shop:CallMigrate", $"{callMigrate}"));

        Assert.Null(await host.MigrateAsync());

        // What EF Core's own Migrate says of it is its own affair.
        Assert.Equal(callMigrate ? seeded : [true, true], seeded);
        Assert.Equal(2, seeded.Count);
        Assert.Equal("5", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
    }

    [Fact]
    public async Task A_connection_interceptor_that_has_no_token_yet_is_waited_for()
    {
        var token = new NoTokenYet();
        await using var host = Host(options => options.UseNpgsql(_database.ConnectionString).AddInterceptors(token));

        Assert.Null(await host.MigrateAsync());

        Assert.DoesNotContain(host.Log.All, line => line.Contains("lost", StringComparison.Ordinal));
    }

    [Fact]
    public async Task New_types_that_another_replica_has_made_are_known_too()
    {
        await using (var first = ConcurrentHost())
            Assert.Null(await first.Run.MigrateAsync(null, "Table", CancellationToken.None));
        await using var holder = await _database.HoldFromOutsideAsync("LOCK TABLE big IN ACCESS EXCLUSIVE MODE;");
        await using var faster = ConcurrentHost();
        var run = faster.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => faster.Status.Phase == MigrationPhase.Migrating, () => string.Join('\n', faster.Log.All));
        await using var data = new NpgsqlDataSourceBuilder(_database.ConnectionString).Build();
        await using var host = _database.Host(builder =>
        {
            builder.Services.AddDbContext<ConcurrentContext>(options => options.UseNpgsql(data));
            builder.AddEntityFramework<ConcurrentContext>();
        });
        var other = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status is { Phase: MigrationPhase.WaitingForTurn, WaitingFor: not null }, () => string.Join('\n', host.Log.All));

        await holder.DisposeAsync();

        Assert.Null(await run);
        Assert.Null(await other);
        await using var connection = await data.OpenConnectionAsync();
        await using var command = new NpgsqlCommand("SELECT 'fine'::mood", connection);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        Assert.Equal("public.mood", reader.GetDataTypeName(0));
    }

    [Fact]
    public async Task A_context_with_a_retrying_execution_strategy_migrates_and_seeds()
    {
        var seeded = 0;
        await using var host = Host(options => options
            .UseNpgsql(_database.ConnectionString, npgsql => npgsql.EnableRetryOnFailure())
            .UseAsyncSeeding((_, _, _) =>
            {
                seeded++;
                return Task.CompletedTask;
            }));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(1, seeded);
        Assert.Equal("5", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
    }

    [Fact]
    public async Task The_schema_is_the_one_that_stock_EF_Core_makes()
    {
        await using (var stock = Stock())
            await stock.Database.MigrateAsync();
        var expected = await DumpAsync(_database);
        await using var other = new PostgreSqlTestDatabase(cluster);
        await using var host = other.Host(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(options => options.UseNpgsql(other.ConnectionString));
            builder.AddEntityFramework<ShopContext>();
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(expected, await DumpAsync(other));
    }

    [Fact]
    public async Task A_command_outside_a_transaction_that_a_stock_replica_has_done_waits_for_that_to_record_it()
    {
        await using (var first = ConcurrentHost())
            Assert.Null(await first.Run.MigrateAsync(null, "Table", CancellationToken.None));
        await _database.QueryAsync("CREATE TABLE worked_on (id int); CREATE INDEX ix_big ON big (id)");
        await using var stock = cluster.Psql(_database.Name);
        await stock.WriteLineAsync("BEGIN; LOCK TABLE worked_on IN SHARE UPDATE EXCLUSIVE MODE; SELECT 'works';");
        await Eventually.BecomesTrueAsync(() => stock.Output.Contains("works", StringComparison.Ordinal), () => stock.All);
        await using var host = ConcurrentHost();
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(
            () => host.Status.WaitingFor?.What.Contains("another process that works", StringComparison.Ordinal) == true,
            () => string.Join('\n', host.Log.All));

        await stock.WriteLineAsync("""INSERT INTO "__EFMigrationsHistory" VALUES ('20260102120000_Index', '10.0.0'); COMMIT;""");

        Assert.Null(await run);
        Assert.Equal("3", await _database.QueryAsync("""SELECT count(*) FROM "__EFMigrationsHistory" """));
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_command_outside_a_transaction_whose_result_is_there_and_nobody_works_fails()
    {
        await using (var first = ConcurrentHost())
            Assert.Null(await first.Run.MigrateAsync(null, "Table", CancellationToken.None));
        await _database.QueryAsync("CREATE INDEX ix_big ON big (id)");
        await using var host = ConcurrentHost();

        var error = await host.MigrateAsync();

        Assert.Equal(4, error!.ExitCode);
        Assert.Contains("ix_big", error.Message, StringComparison.Ordinal);
    }

    private TestHost ConcurrentHost() => _database.Host(builder =>
    {
        builder.Services.AddDbContext<ConcurrentContext>(options => options.UseNpgsql(_database.ConnectionString));
        builder.AddEntityFramework<ConcurrentContext>();
    });

    private async Task<string> DumpAsync(PostgreSqlTestDatabase database)
    {
        await using var dump = cluster.Client("pg_dump", database.Name, "--schema-only");
        dump.CloseInput();
        Assert.True(await dump.ExitAsync() == 0, dump.Errors);

        // \restrict and \unrestrict come with a random key.
        return string.Join('\n', dump.Output.Split('\n').Where(line => !line.StartsWith('\\')));
    }

    // The first migration is applied, and somebody has read the table that the second one alters.
    private async Task<LockHolder> HoldTableAsync()
    {
        await using var stock = Stock();
        await stock.Database.MigrateAsync(ShopDatabase.Ids[0]);
        return await _database.HoldFromOutsideAsync("""SELECT count(*) FROM "Orders";""");
    }

    private Task<string> HistoryLocksAsync() => _database.QueryAsync(
        "SELECT mode FROM pg_locks WHERE relation = '\"__EFMigrationsHistory\"'::regclass");

    private TestHost Host(Action<DbContextOptionsBuilder> options, params (string Key, string Value)[] settings) => _database.Host(
        builder =>
        {
            builder.Services.AddDbContext<ShopContext>(options);
            builder.AddEntityFramework<ShopContext>();
        },
        settings);

    private ShopContext Stock() => new(new DbContextOptionsBuilder<ShopContext>()
        .UseNpgsql(_database.ConnectionString)
        .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)).Options);

    private static void SetRole(NpgsqlConnection connection, string role)
    {
        using var command = new NpgsqlCommand($"SET ROLE {role}", connection);
        command.ExecuteNonQuery();
    }

    private sealed class TakesRole(string role) : DbConnectionInterceptor
    {
        public override Task ConnectionOpenedAsync(DbConnection connection, ConnectionEndEventData eventData, CancellationToken cancellationToken = default)
        {
            SetRole((NpgsqlConnection)connection, role);
            return Task.CompletedTask;
        }
    }

    private sealed class RefusesOf(string application, int times) : DbConnectionInterceptor
    {
        public int Left { get; set; } = times;

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            new NpgsqlConnectionStringBuilder(connection.ConnectionString).ApplicationName == application && Left > 0 && Left-- > 0
                ? throw new PostgresException("sorry, too many clients already", "FATAL", "FATAL", PostgresErrorCodes.TooManyConnections)
                : new(result);
    }

    private sealed class NoTokenYet : DbConnectionInterceptor
    {
        private int _asked;

        public override ValueTask<InterceptionResult> ConnectionOpeningAsync(
            DbConnection connection, ConnectionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default) =>
            ++_asked <= 3 ? throw new TaskCanceledException("the identity endpoint does not answer") : new(result);
    }
}
