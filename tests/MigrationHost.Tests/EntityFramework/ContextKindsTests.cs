using System.Data.Common;
using MigrationHost.EfApp.Shop;
using MigrationHost.EfApp.Small;
using MigrationHost.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>The ways in which applications register contexts, and what contexts do besides migrating.</summary>
public sealed class ContextKindsTests : IAsyncLifetime
{
    private readonly ShopDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public Task A_pooled_context() =>
        MigratesAsync(services => services.AddDbContextPool<ShopContext>(options => options.UseSqlite(_database.ConnectionString)));

    [Fact]
    public Task A_factory() =>
        MigratesAsync(services => services.AddDbContextFactory<ShopContext>(options => options.UseSqlite(_database.ConnectionString)));

    [Fact]
    public Task A_pooled_factory() =>
        MigratesAsync(services => services.AddPooledDbContextFactory<ShopContext>(options => options.UseSqlite(_database.ConnectionString)));

    [Fact]
    public Task A_connection_of_the_users_own_that_is_closed() =>
        MigratesAsync(services => services.AddDbContext<ShopContext>(options => options.UseSqlite(new SqliteConnection(_database.ConnectionString))));

    [Fact]
    public async Task A_context_whose_constructor_needs_another_service_of_its_scope()
    {
        await using var host = _database.HostOf(builder =>
        {
            builder.Services.AddScoped(_ => new Tenant("one"));
            builder.Services.AddDbContext<TenantContext>(options => options.UseSqlite(_database.ConnectionString));
            builder.AddEntityFramework<TenantContext>();
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1", await _database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name = 'tenants'"));
    }

    [Fact]
    public async Task A_context_with_a_service_that_is_disposed_asynchronously_only()
    {
        await using var host = _database.HostOf(builder =>
        {
            builder.Services.AddScoped<AsyncOnly>();
            builder.Services.AddDbContext<ShopContext>((services, options) =>
            {
                _ = services.GetRequiredService<AsyncOnly>();
                options.UseSqlite(_database.ConnectionString);
            });
            builder.AddEntityFramework<ShopContext>();
        });

        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task Its_connection_interceptors_see_every_connection_that_is_opened()
    {
        var seen = new Interceptor();
        await using var host = _database.Host(null, context: options => options.AddInterceptors(seen));

        Assert.Null(await host.MigrateAsync());

        Assert.NotEmpty(seen.Opening);
        Assert.Equal(seen.Opening, seen.Opened);
        Assert.All(seen.Opening, file => Assert.Equal(_database.Path, file));
    }

    [Fact]
    public async Task Two_contexts_in_one_database_are_two_entries_in_the_order_of_their_registration()
    {
        await using var host = _database.HostOf(
            builder =>
            {
                builder.Services.AddDbContext<ShopContext>(options => options.UseSqlite(_database.ConnectionString));
                builder.Services.AddDbContext<BlogContext>(
                    options => options.UseSqlite(_database.ConnectionString, sqlite => sqlite.MigrationsHistoryTable("BlogHistory")));
                builder.AddEntityFramework<ShopContext>("zoo").AddEntityFramework<BlogContext>();
            },
            ("Databases:Blog:Timeouts:Lock", "00:00:17"));

        Assert.Equal(["zoo", "Blog"], host.Runs.All.Select(run => run.State.Name));
        Assert.Equal(TimeSpan.FromSeconds(17), host.Runs.Find("blog")!.Timeouts.Lock);
        foreach (var run in host.Runs.All)
            Assert.Null(await run.MigrateAsync(null, null, CancellationToken.None));
        Assert.Equal("5", await _database.QueryAsync("SELECT count(*) FROM __EFMigrationsHistory"));
        Assert.Equal("20260101130000_Posts", await _database.QueryAsync("SELECT MigrationId FROM BlogHistory"));
    }

    [Fact]
    public async Task A_migration_from_a_later_release_is_unknown_and_stops_nothing()
    {
        await using (var stock = _database.Stock())
        {
            await stock.Database.MigrateAsync();
            await stock.Database.ExecuteSqlRawAsync("INSERT INTO __EFMigrationsHistory VALUES ('20990101120000_Later', '12.0.0')");
        }
        await using var host = _database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("20990101120000_Later", Assert.Single(host.Status.Unknown).Version);
        Assert.Contains(host.Run.State.Warnings, warning => warning.Message.Contains("20990101120000_Later", StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_was_merged_late_is_applied_as_EF_Core_does()
    {
        await using (var stock = _database.Stock())
        {
            await stock.Database.MigrateAsync(ShopDatabase.Ids[0]);
            await stock.Database.ExecuteSqlAsync($"INSERT INTO __EFMigrationsHistory VALUES ({ShopDatabase.Ids[3]}, '10.0.0')");
        }
        await using var host = _database.Host();

        var (pending, error) = await host.Run.InspectAsync(null, CancellationToken.None);

        Assert.Null(error);
        Assert.True(pending);
        Assert.Equal([ShopDatabase.Ids[1], ShopDatabase.Ids[2], ShopDatabase.Ids[4]], host.Status.Pending.Select(migration => migration.Version));
    }

    [Fact]
    public async Task A_target_is_an_id_or_a_name()
    {
        await using var host = _database.Host();

        Assert.Null(await host.Run.MigrateAsync(null, "addnotes", CancellationToken.None));
        Assert.Equal(ShopDatabase.Ids[1], host.Status.Current);
        Assert.Null(await host.Run.MigrateAsync(null, ShopDatabase.Ids[2], CancellationToken.None));
        Assert.Equal(ShopDatabase.Ids[2], host.Status.Current);
        Assert.Equal(2, (await host.Run.MigrateAsync(null, "AddNothing", CancellationToken.None))!.ExitCode);
    }

    [Fact]
    public async Task What_cannot_run_in_a_transaction_runs_command_by_command_with_a_record_of_its_own()
    {
        await using var host = _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<VacuumContext>(options => options.UseSqlite(_database.ConnectionString));
            builder.AddEntityFramework<VacuumContext>();
        });

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1|0", await _database.QueryAsync(
            "SELECT (SELECT count(*) FROM __EFMigrationsHistory), (SELECT count(*) FROM migrationhost_history)"));
        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task A_transaction_that_the_application_has_leaked_is_named_as_this_process()
    {
        await using (var first = _database.Host())
            Assert.Null(await first.Run.MigrateAsync(null, "Initial", CancellationToken.None));
        await using var leaked = _database.Stock();
        await using var transaction = await leaked.Database.BeginTransactionAsync();
        await leaked.Database.ExecuteSqlRawAsync("INSERT INTO Customers (Name) VALUES ('leaked')");
        await using var host = _database.Host(("Databases:Shop:Timeouts:Lock", "00:00:03"), ("Databases:Shop:Timeouts:StallAfter", "00:00:00.300"));

        var error = await host.MigrateAsync();

        Assert.Equal(5, error!.ExitCode);
        Assert.Contains("this process", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Seeding_runs_at_every_start_before_ready()
    {
        var seeded = new List<bool>();
        await using var host = _database.Host(null, context: options => options.UseAsyncSeeding(async (context, changed, token) =>
        {
            seeded.Add(changed);
            context.Add(new Product { Name = $"seed {seeded.Count}" });
            await context.SaveChangesAsync(token);
        }));

        Assert.Null(await host.MigrateAsync());
        Assert.Null(await host.MigrateAsync());

        Assert.Equal([true, false], seeded);
        Assert.Equal("seed 1\nseed 2", await _database.QueryAsync("SELECT name FROM Products ORDER BY id"));
    }

    [Fact]
    public async Task Seeding_that_fails_is_told_and_leaves_nothing()
    {
        await using var host = _database.Host(null, context: options => options.UseSeeding((context, _) =>
        {
            context.Add(new Product { Name = "half" });
            context.SaveChanges();
            throw new FormatException("not a price");
        }));

        var error = await host.MigrateAsync();

        Assert.Equal(4, error!.ExitCode);
        Assert.Contains("the seeding of ShopContext failed: FormatException: not a price", error.Message, StringComparison.Ordinal);
        Assert.Equal("5|0", await _database.QueryAsync("SELECT (SELECT count(*) FROM __EFMigrationsHistory), (SELECT count(*) FROM Products)"));
    }

    [Fact]
    public async Task Seeding_that_does_not_end_is_cancelled_at_its_limit()
    {
        await using var host = _database.Host(
            null,
            [("Databases:Shop:Timeouts:Seeding", "00:00:00.200")],
            options => options.UseAsyncSeeding((_, _, token) => Task.Delay(Timeout.Infinite, token)));

        var error = await host.MigrateAsync();

        Assert.Equal(6, error!.ExitCode);
        Assert.Contains("Timeouts:Seeding", error.Hint, StringComparison.Ordinal);
    }

    private async Task MigratesAsync(Action<IServiceCollection> register)
    {
        await using var host = _database.HostOf(builder =>
        {
            builder.AddEntityFramework<ShopContext>();
            register(builder.Services);
        });

        Assert.Null(await host.MigrateAsync());

        await using var stock = _database.Stock();
        Assert.Empty(await stock.Database.GetPendingMigrationsAsync());
    }

    private sealed class Interceptor : DbConnectionInterceptor
    {
        public List<string> Opening { get; } = [];

        public List<string> Opened { get; } = [];

        public override InterceptionResult ConnectionOpening(DbConnection connection, ConnectionEventData eventData, InterceptionResult result)
        {
            Opening.Add(connection.DataSource);
            return result;
        }

        public override void ConnectionOpened(DbConnection connection, ConnectionEndEventData eventData) => Opened.Add(connection.DataSource);
    }

    private sealed class AsyncOnly : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
