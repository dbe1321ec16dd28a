using MigrationHost.Layouts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>The files that <c>new</c> makes are those that the folder's tool would make.</summary>
public sealed class NewMigrationTests : IAsyncLifetime
{
    private readonly SqliteTestDatabase _database = new();

    private static readonly string Now = @"20\d{12}";

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _database.DisposeAsync();

    public static TheoryData<MigrationLayout, string[]> Samples => new()
    {
        { MigrationLayout.GolangMigrate, [@"000003_add_items\.up\.sql", @"000003_add_items\.down\.sql"] },
        { MigrationLayout.Morph, [@"000003_add_items\.up\.sql", @"000003_add_items\.down\.sql"] },
        { MigrationLayout.Sqlx, [@"000003_add_items\.up\.sql", @"000003_add_items\.down\.sql"] },
        { MigrationLayout.Goose, [@"00003_add_items\.sql"] },
        { MigrationLayout.Dbmate, [$@"{Now}_add_items\.sql"] },
        { MigrationLayout.Diesel, [@"20\d\d-\d\d-\d\d-\d{6}_add_items/up\.sql", @"20\d\d-\d\d-\d\d-\d{6}_add_items/down\.sql"] },
        { MigrationLayout.Prisma, [$@"{Now}_add_items/migration\.sql"] },
        { MigrationLayout.Drizzle, [@"0002_add_items\.sql"] },
        { MigrationLayout.Flyway, [@"V3__add_items\.sql"] },
        { MigrationLayout.Refinery, [@"V3__add_items\.sql"] },
    };

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_next_file_has_the_form_of_the_tool_and_is_the_next_to_run(MigrationLayout layout, string[] names)
    {
        var name = Directory.GetDirectories(Path.Combine(MigrationHostProgram.Repository, "samples/layouts"))
            .Single(folder => Path.GetFileName(folder).Replace("-", "", StringComparison.Ordinal).Equals($"{layout}", StringComparison.OrdinalIgnoreCase));
        foreach (var file in Directory.GetFiles(name, "*", SearchOption.AllDirectories))
            _database.Folder.Write($"migrations/{Path.GetRelativePath(name, file)}", File.ReadAllText(file));
        await using var host = _database.Host(("Databases:app:Layout", $"{layout}"));
        var before = await PendingAsync(host);

        var paths = await AddAsync(host, "add items");

        Assert.Equal(names.Length, paths.Count);
        foreach (var (path, pattern) in paths.Zip(names))
        {
            Assert.Matches($"^migrations/{pattern}$", path);
            Assert.True(File.Exists(_database.Folder[path]));
        }
        var after = await PendingAsync(host);
        Assert.Equal(before.Count + 1, after.Count);
        Assert.Equal("add items", Assert.Single(after.Except(before)).Replace('_', ' '));
        Assert.NotEqual(paths[0], (await AddAsync(host, "add others"))[0]);
        Assert.Empty(Directory.GetFiles(_database.Folder["migrations"], "*.tmp", SearchOption.AllDirectories));
    }

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task The_first_file_of_a_tools_folder_is_one_that_it_reads(MigrationLayout layout, string[] names)
    {
        await using var host = _database.Host(("Databases:app:Layout", $"{layout}"));

        Assert.Equal(layout == MigrationLayout.Prisma ? 2 : layout == MigrationLayout.Sqlx ? 1 : names.Length, (await AddAsync(host, "add items")).Count);

        Assert.Equal("add items", Assert.Single(await PendingAsync(host)).Replace('_', ' '));
    }

    [Theory]
    [InlineData("", "1_add_items.sql")]
    [InlineData("1_a.sql 2_b.sql", "3_add_items.sql")]
    [InlineData("9_a.sql 10_b.sql", "11_add_items.sql")]
    [InlineData("0009_a.sql 0010_b.sql", "0011_add_items.sql")]
    [InlineData("099_a.sql", "100_add_items.sql")]
    [InlineData("1_a.sql 1_a.down.sql", "2_add_items.sql 2_add_items.down.sql")]
    [InlineData("R__view.sql 4_a.sql", "5_add_items.sql")]
    public async Task Our_own_numbering_goes_on(string there, string made)
    {
        foreach (var name in there.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            _database.Folder.Write($"migrations/{name}", "SELECT 1;");
        await using var host = _database.Host();

        Assert.Equal(made, string.Join(' ', (await AddAsync(host, "add items")).Select(path => path["migrations/".Length..])));
    }

    [Theory]
    [InlineData("20240102030405", "20261126101112")]
    [InlineData("202401020304", "202611261011")]
    [InlineData("20240102", "20261126")]
    [InlineData("20261126", "20261127")]
    [InlineData("20261126101112", "20261126101113")]
    [InlineData("1700000000", "1795687872")]
    [InlineData("1700000000123", "1795687872000")]
    [InlineData("99999999", "100000000")]
    [InlineData("20261126001", "20261126002")]
    [InlineData("1", "2")]
    public void A_time_is_followed_by_the_time_and_a_number_by_the_next_one(string last, string next) =>
        Assert.Equal(next, NextVersion.After(last, new DateTimeOffset(2026, 11, 26, 10, 11, 12, TimeSpan.Zero)));

    [Fact]
    public async Task Nothing_is_overwritten_and_nothing_is_left_half_made()
    {
        _database.Folder.Write("migrations/1_a.sql", "SELECT 1;");
        _database.Folder.Write("migrations/1_a.down.sql", "SELECT 1;");
        Directory.CreateDirectory(_database.Folder["migrations/2_add_items.down.sql"]);
        await using var host = _database.Host();

        var (_, error) = await host.Run.OnHistoryAsync("new", (history, watch) => Task.FromResult(history.Add(watch, "add items")), default);

        Assert.Equal(MigrationErrorCode.InvalidConfiguration, error?.Code);
        Assert.False(File.Exists(_database.Folder["migrations/2_add_items.sql"]));
    }

    [Theory]
    [InlineData("add orders & items: 2nd", "migrations/1_add_orders_items_2nd.sql\n", 0)]
    [InlineData("../../etc/passwd", "migrations/1_etc_passwd.sql\n", 0)]
    [InlineData("--add items", "migrations/1_add_items.sql\n", 0)]
    [InlineData("---", "", 2)]
    public async Task A_description_becomes_a_name(string description, string output, int code)
    {
        var run = await MigrationHostProgram.RunAsync(_database.Folder.Path, [.. _database.Arguments(), "new", "--", description]);

        Assert.Equal((code, output), (run.Code, run.Output));
    }

    [Theory]
    [InlineData("new --jsn add items")]
    [InlineData("new add --jsn items")]
    [InlineData("new --jsn -- --add items")]
    public async Task A_mistyped_option_is_no_description(string command)
    {
        var run = await MigrationHostProgram.RunAsync(_database.Folder.Path, [.. _database.Arguments(), .. command.Split(' ')]);

        Assert.Equal(2, run.Code);
        Assert.Contains("'--jsn' is not a command or option of new; did you mean '--json'?", run.Errors, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_database.Folder["migrations"]));
    }

    private static async Task<IReadOnlyList<string>> AddAsync(TestHost host, string title)
    {
        var (paths, error) = await host.Run.OnHistoryAsync("new", (history, watch) => Task.FromResult(history.Add(watch, title)), default);
        Assert.Null(error);
        return paths!;
    }

    private static async Task<IReadOnlyList<string>> PendingAsync(TestHost host)
    {
        var (_, error) = await host.Run.InspectAsync(null, default);
        Assert.Null(error);
        return [.. host.Status.Pending.Select(pending => pending.Description)];
    }
}
