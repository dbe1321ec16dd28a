using MigrationHost.Tests.Support;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Engines;

/// <summary>Migrations that travel with the program: as resources in an assembly, or as a folder beside it.</summary>
public sealed class TravellingMigrationsTests : IAsyncLifetime
{
    private const string Migrations = "Databases:app:Migrations";

    private readonly SqliteTestDatabase _database = new();
    private readonly string _beside = Path.Combine(AppContext.BaseDirectory, $"travelling-{Guid.NewGuid():N}");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (Directory.Exists(_beside))
            Directory.Delete(_beside, recursive: true);
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task Resources_are_applied_as_files_are()
    {
        await using var host = _database.Host((Migrations, "embedded:MigrationHost.Tests.Shop"));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2\n3\n4\n5\n6\n7\n8\n9\n10", await _database.HistoryAsync());
        Assert.Equal("create customers", host.Status.Applied[0].Description);
    }

    [Fact]
    public async Task A_layout_with_folders_can_be_embedded_too()
    {
        await using var host = _database.Host((Migrations, "embedded:MigrationHost.Tests.Drizzle"));

        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", await _database.QueryAsync("SELECT count(*) FROM __drizzle_migrations"));
    }

    [Fact]
    public async Task An_error_in_a_resource_names_it_and_the_line()
    {
        await using var host = _database.Host((Migrations, "embedded:MigrationHost.Tests.Broken"));

        var error = await host.MigrateAsync();
        Assert.Equal((4, "MigrationHost.Tests.Broken.1_broken.sql", 3), (error?.ExitCode, error?.File, error?.Line));
    }

    [Fact]
    public async Task A_prefix_that_no_resource_has_is_refused_with_names_that_there_are()
    {
        await using var host = _database.Host((Migrations, "embedded:MigrationHost.Tests.Shops"));

        var problem = Assert.Single(Assert.Throws<OptionsValidationException>(() => host.Runs).Failures);
        Assert.Contains("no resource of this program", problem, StringComparison.Ordinal);
        Assert.Contains("MigrationHost.Tests.", problem.Split("for example")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resources_cannot_go_into_a_child_process_nor_take_a_new_file()
    {
        await using var isolated = _database.Host((Migrations, "embedded:MigrationHost.Tests.Shop"), ("Databases:app:Isolation", "ChildProcess"));
        Assert.Contains("Isolation: a child process has no", Assert.Single(Assert.Throws<OptionsValidationException>(() => isolated.Runs).Failures), StringComparison.Ordinal);

        await using var host = _database.Host((Migrations, "embedded:MigrationHost.Tests.Shop"));
        var (paths, error) = await host.Run.OnHistoryAsync("new", (history, watch) => Task.FromResult(history.Add(watch, "add orders")), default);
        Assert.Null(paths);
        Assert.Equal(2, error!.ExitCode);
        Assert.Contains("add 0011_add_orders.sql to the project's folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_the_content_root_has_not_is_taken_from_beside_the_program()
    {
        Directory.CreateDirectory(_beside);
        File.WriteAllText(Path.Combine(_beside, "1_create_users.sql"), "CREATE TABLE users (id INTEGER);");
        await using (var host = _database.Host((Migrations, Path.GetFileName(_beside))))
            Assert.Null(await host.MigrateAsync());
        Assert.Equal("1", await _database.HistoryAsync());

        _database.Folder.Write($"{Path.GetFileName(_beside)}/2_create_orders.sql", "CREATE TABLE orders (id INTEGER);");
        _database.Folder.Write($"{Path.GetFileName(_beside)}/1_create_users.sql", "CREATE TABLE users (id INTEGER);");
        await using (var host = _database.Host((Migrations, Path.GetFileName(_beside))))
            Assert.Null(await host.MigrateAsync());
        Assert.Equal("1\n2", await _database.HistoryAsync());
    }

    [Fact]
    public async Task A_folder_that_is_nowhere_is_told_with_both_places()
    {
        await using var host = _database.Host((Migrations, "nowhere"));

        var problem = Assert.Single(Assert.Throws<OptionsValidationException>(() => host.Runs).Failures);
        Assert.Contains($"looked for {_database.Folder["nowhere"]}, and beside the program for {Path.Combine(AppContext.BaseDirectory, "nowhere")}", problem, StringComparison.Ordinal);
    }
}
