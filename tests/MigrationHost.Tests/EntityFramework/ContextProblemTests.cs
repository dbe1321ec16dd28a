using MigrationHost.Databases;
using MigrationHost.EfApp.Shop;
using MigrationHost.EfApp.Small;
using MigrationHost.Tests.Support;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>What is wrong with a context, its migrations or its database.</summary>
public sealed class ContextProblemTests : IAsyncLifetime
{
    private readonly ShopDatabase _database = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Fact]
    public async Task A_migration_that_throws_is_told_with_its_class_and_line_and_nothing_runs()
    {
        await using var host = Host<ThrowingContext>();

        var error = await host.MigrateAsync();

        Assert.Equal((4, "20260102120000_Throwing"), (error!.ExitCode, error.Version));
        Assert.Contains("Throwing.Up threw FormatException", error.Message, StringComparison.Ordinal);
        Assert.Contains("not a date", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("SmallContexts.cs", error.File, StringComparison.Ordinal);
        Assert.True(error.Line > 0);
        Assert.False(File.Exists(_database.Path));
    }

    [Fact]
    public async Task A_statement_that_fails_is_told_by_command_and_line_and_nothing_of_its_migration_stays()
    {
        await using var host = Host<FailingContext>();

        var error = await host.MigrateAsync();

        Assert.Equal((4, 2), (error!.ExitCode, error.Line));
        Assert.StartsWith("20260101120000_Failing, command 2, line 2: ", error.Message, StringComparison.Ordinal);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_master WHERE name = 'first'"));
    }

    [Fact]
    public async Task An_assembly_without_migrations_is_as_an_empty_folder()
    {
        await using var host = Host<EmptyContext>();
        Assert.Equal(7, (await host.MigrateAsync())!.ExitCode);

        await using var meant = _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<EmptyContext>(options => options.UseSqlite(_database.ConnectionString));
            builder.AddEntityFramework<EmptyContext>(configure: options => options.AllowEmpty = true);
        });
        Assert.Null(await meant.MigrateAsync());
    }

    [Fact]
    public async Task Two_migrations_of_one_id_are_told()
    {
        await using var host = Host<TwiceContext>();

        var error = await host.MigrateAsync();

        Assert.Equal(7, error!.ExitCode);
        Assert.Contains("two of its migrations have the id 20260101120000_Twice: Twice, TwiceAgain", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_EnsureCreated_is_refused_with_the_way_out()
    {
        await using (var stock = _database.Stock())
            await stock.Database.EnsureCreatedAsync();
        await using var host = _database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal(7, error!.ExitCode);
        Assert.Contains("Customers", error.Message, StringComparison.Ordinal);
        Assert.Contains("baseline VERSION --database Shop", error.Hint, StringComparison.Ordinal);
        Assert.Null(await host.Run.BaselineAsync("AddProducts", dryRun: false, CancellationToken.None));
        Assert.Null(await host.MigrateAsync());
        await using var after = _database.Stock();
        Assert.Empty(await after.Database.GetPendingMigrationsAsync());
    }

    [Fact]
    public async Task A_history_table_that_is_somebody_elses_is_not_touched()
    {
        await using (var connection = new SqliteConnection(_database.ConnectionString))
        {
            await connection.OpenAsync();
            await using var command = connection.CreateCommand();
            command.CommandText = "CREATE TABLE __EFMigrationsHistory (id INTEGER, note TEXT)";
            await command.ExecuteNonQueryAsync();
        }
        await using var host = _database.Host();

        Assert.Equal(7, (await host.MigrateAsync())!.ExitCode);
    }

    [Theory]
    [InlineData("CREATE TABLE ef_temp_Customers (Id INTEGER)", "DROP TABLE \"ef_temp_Customers\";")]
    [InlineData("ALTER TABLE Customers RENAME TO ef_temp_Customers", "ALTER TABLE \"ef_temp_Customers\" RENAME TO \"Customers\";")]
    public async Task What_a_killed_EF_Core_has_left_of_a_table_rebuild_is_told_with_the_remedy(string left, string remedy)
    {
        await using (var stock = _database.Stock())
            await stock.Database.MigrateAsync(ShopDatabase.Ids[1]);
        await _database.QueryAsync($"PRAGMA legacy_alter_table = 1; {left}");
        await using var host = _database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((7, ShopDatabase.Ids[2]), (error!.ExitCode, error.Version));
        Assert.Contains("ef_temp_Customers", error.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, error.Hint, StringComparison.Ordinal);
        await _database.QueryAsync($"PRAGMA legacy_alter_table = 1; {remedy}");
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", await _database.QueryAsync("SELECT count(*) FROM Orders"));
    }

    [Theory]
    [InlineData(PendingModelChanges.Warn)]
    [InlineData(PendingModelChanges.Fail)]
    [InlineData(PendingModelChanges.Ignore)]
    public async Task A_model_with_changes_that_no_migration_has(PendingModelChanges setting)
    {
        await using var host = _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<DriftedContext>(options => options.UseSqlite(_database.ConnectionString));
            builder.AddEntityFramework<DriftedContext>(configure: options => options.PendingModelChanges = setting);
        });

        var error = await host.MigrateAsync();

        Assert.Equal(setting == PendingModelChanges.Fail ? 7 : null, error?.ExitCode);
        const string changed = "its model has changes that no migration has";
        Assert.Equal(setting == PendingModelChanges.Fail, error?.Message.Contains(changed, StringComparison.Ordinal) ?? false);
        Assert.Equal(
            setting == PendingModelChanges.Warn,
            host.Run.State.Warnings.Any(warning => warning.Message.Contains(changed, StringComparison.Ordinal)));
        Assert.Equal(
            setting != PendingModelChanges.Ignore,
            host.Run.Engine.Check().Any(check => check.Result == DoctorResult.Problem && check.Message.Contains(changed, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_context_that_begins_a_transaction_when_it_is_made_is_told()
    {
        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<BeginningContext>(options => options.UseSqlite(_database.ConnectionString));
            builder.AddEntityFramework<BeginningContext>();
        })));

        Assert.Contains("has a transaction under way", problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrations_that_were_made_for_another_provider_are_told()
    {
        await using var host = Host<MismatchedContext>();

        var error = await host.MigrateAsync();

        Assert.Equal(7, error!.ExitCode);
        Assert.Contains("made for the provider SqlServer, and the context uses Microsoft.EntityFrameworkCore.Sqlite", error.Message, StringComparison.Ordinal);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM sqlite_master"));
    }

    [Fact]
    public async Task Doctor_counts_migrations()
    {
        await using var host = _database.Host();

        Assert.Contains(host.Run.Engine.Check(), check => check.Message.StartsWith("5 migrations in ShopContext", StringComparison.Ordinal));
    }

    [Fact]
    public void Settings_that_the_context_says_are_refused()
    {
        var problems = ProblemsOf(
            () => _database.Host(("Databases:Shop:ConnectionString", "Data Source=other.db"), ("Databases:Shop:Migrations", "migrations")));

        Assert.Equal(2, problems.Count);
        Assert.All(problems, problem => Assert.Contains("AddEntityFramework<ShopContext>", problem, StringComparison.Ordinal));
    }

    [Fact]
    public void A_context_that_is_not_registered_is_told_with_the_call()
    {
        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder => builder.AddEntityFramework<ShopContext>())));

        Assert.Contains("AddDbContext<ShopContext>", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_without_a_connection_string_is_told()
    {
        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(options => options.UseNpgsql());
            builder.AddEntityFramework<ShopContext>();
        })));

        Assert.Contains("no connection string", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Data Source=:memory:")]
    [InlineData("Data Source=shop;Mode=Memory;Cache=Shared")]
    [InlineData("Data Source=")]
    public void A_database_that_no_other_connection_sees_is_told(string connectionString)
    {
        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(options => options.UseSqlite(connectionString));
            builder.AddEntityFramework<ShopContext>();
        })));

        Assert.Contains("ConnectionString", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "postgres://u:Sekret99x@db/shop?x=y")]
    [InlineData(true, "Host=db;Password=half;Sekret99x;Database=shop")]
    [InlineData(true, "Host=db;Port=Sekret99x")]
    [InlineData(false, "Sekret99x=1")]
    [InlineData(false, "Data Source=shop.db;Password=half;Sekret99x;Mode=ReadOnly")]
    [InlineData(false, "Data Source=shop.db;Mode=Sekret99x")]
    public void A_connection_string_that_its_provider_does_not_understand_is_not_shown(bool postgreSql, string connectionString)
    {
        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(options => _ = postgreSql
                ? options.UseNpgsql(connectionString)
                : options.UseSqlite(connectionString));
            builder.AddEntityFramework<ShopContext>();
        })));

        Assert.Contains("does not understand its connection string", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("Sekret99x", problem, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void A_connection_of_the_users_own_that_is_open_is_told()
    {
        using var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();

        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(options => options.UseSqlite(connection));
            builder.AddEntityFramework<ShopContext>();
        })));

        Assert.Contains("is open", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_that_needs_the_state_of_the_migrations_is_told()
    {
        var problem = Assert.Single(ProblemsOf(() => _database.HostOf(builder =>
        {
            builder.Services.AddSingleton<NeedsState>();
            builder.Services.AddDbContext<ShopContext>((services, options) =>
                options.UseSqlite(_database.ConnectionString).AddInterceptors(services.GetRequiredService<NeedsState>()));
            builder.AddEntityFramework<ShopContext>();
        })));

        Assert.StartsWith("AddEntityFramework<ShopContext>: the context cannot be made: it, or a service that it is made with, needs IMigrationState", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_of_the_settings_alone_is_no_context()
    {
        var problems = ProblemsOf(() => _database.HostOf(
            builder =>
            {
                builder.Services.AddDbContext<BlogContext>(options => options.UseSqlite(_database.ConnectionString));
                builder.AddEntityFramework<BlogContext>();
            },
            ("Databases:shop:Engine", "EntityFramework"),
            ("Databases:shop:ConnectionString", "Data Source=shop.db")));

        Assert.Contains(problems, problem => problem.Contains("AddEntityFramework<TContext>(", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_contexts_of_one_name_are_refused_where_they_are_added()
    {
        var refused = Assert.Throws<ArgumentException>(() => _database.HostOf(builder =>
            builder.AddEntityFramework<ShopContext>("one").AddEntityFramework<BlogContext>("ONE")));

        Assert.Contains("'ONE'", refused.Message, StringComparison.Ordinal);
    }

    private TestHost Host<TContext>() where TContext : DbContext => _database.HostOf(builder =>
    {
        builder.Services.AddDbContext<TContext>(options => options.UseSqlite(_database.ConnectionString));
        builder.AddEntityFramework<TContext>();
    });

    private static List<string> ProblemsOf(Func<TestHost> create)
    {
        var host = create();
        return [.. Assert.Throws<OptionsValidationException>(() => host.Runs).Failures];
    }

    private sealed class NeedsState(IMigrationState state) : DbCommandInterceptor
    {
        public IMigrationState State => state;
    }
}
