using System.Text.Json;
using System.Text.RegularExpressions;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>What is the same for every layout of another tool, on every database: its history is taken over in the middle, continued in its
/// own form, and the tool can go on from there.</summary>
public abstract partial class LayoutContract
{
    /// <summary>The tables that the migrations make, one each, in their order.</summary>
    protected static readonly string[] Tables = ["one", "two", "three"];

    /// <summary>The setting.</summary>
    protected abstract MigrationLayout Layout { get; }

    /// <summary>Whether the folder alone shows whose it is.</summary>
    protected virtual bool IsMarked => true;

    private protected abstract Task<TestDatabase> CreateAsync();

    /// <summary>Writes the first migrations, with a part that undoes them where the tool has that.</summary>
    private protected abstract void Write(TempFolder folder, int count);

    /// <summary>Has the tool itself apply what is pending; where it cannot be had, writes what it would for the first migration.</summary>
    private protected abstract Task ToolMigratesAsync(TestDatabase database);

    /// <summary>Whether the tool itself is at hand.</summary>
    protected virtual bool HasTool => false;

    /// <summary>Whether what starts programs is left to <c>tests/torture</c>: on another database it is shown at every run.</summary>
    protected virtual bool StartsNoProgram => false;

    /// <summary>Whether its migrations have a part that undoes them.</summary>
    protected virtual bool HasDown => true;

    /// <summary>The id of the first migration.</summary>
    protected abstract string First { get; }

    /// <summary>A query of what of the history can be foretold, and what it prints after all three.</summary>
    private protected abstract (string Query, string Rows) AfterAll(TempFolder folder);

    [Fact]
    public async Task Its_history_is_taken_over_in_the_middle_and_goes_on_in_its_own_form()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        await ToolMigratesAsync(database);
        await database.QueryAsync("INSERT INTO one VALUES (7)");
        Write(database.Folder, 3);
        await using (var host = database.Host())
        {
            Assert.Null(await host.MigrateAsync());
            Assert.Equal((3, 0), (host.Status.AppliedCount, host.Status.Pending.Count));
            Assert.Contains(host.Log.All, line => line.Contains("is taken for a folder of", StringComparison.Ordinal));
        }
        await AssertDoneAsync(database);
        await using var again = database.Host(("Databases:app:Layout", Layout.ToString()));
        Assert.Null(await again.MigrateAsync());
        if (HasTool)
            await ToolMigratesAsync(database);
        await AssertDoneAsync(database);
        Assert.Equal("7", await database.QueryAsync("SELECT * FROM one"));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task What_we_began_the_tool_goes_on_with()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, HasTool ? 2 : 3);
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        Assert.Null(await host.MigrateAsync());
        if (HasTool)
        {
            await database.QueryAsync("INSERT INTO one VALUES (7)");
            Write(database.Folder, 3);
            await ToolMigratesAsync(database);
            Assert.Equal("7", await database.QueryAsync("SELECT * FROM one"));
        }

        await AssertDoneAsync(database);
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(3, host.Status.AppliedCount);
    }

    [Fact]
    public async Task An_empty_database_is_migrated_where_the_files_show_whose_they_are()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        if (IsMarked)
        {
            Assert.Null(error);
            await AssertDoneAsync(database);
            return;
        }
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains(Layout.ToString(), error!.Hint, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Existing_tables_without_its_history_stop_the_start_and_a_baseline_writes_it()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await database.QueryAsync("CREATE TABLE one (x integer)");
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        var error = await host.MigrateAsync();
        Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
        Assert.Contains("1 table (one)", error!.Message, StringComparison.Ordinal);

        Assert.Null(await host.Run.BaselineAsync(First, dryRun: false, default));
        Assert.Null(await host.MigrateAsync());
        if (HasTool)
            await ToolMigratesAsync(database);
        await AssertDoneAsync(database);
    }

    [Fact]
    public async Task A_folder_that_our_own_history_knows_stays_ours()
    {
        await using var database = await CreateAsync();
        database.Migration("1_create", "CREATE TABLE ours (x integer);");
        await using (var before = database.Host())
            Assert.Null(await before.MigrateAsync());
        await using var host = database.Host();
        Write(database.Folder, 3);

        var error = await host.MigrateAsync();

        Assert.True(error is null or { Code: MigrationErrorCode.HistoryMismatch }, error?.Message);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM ours"));
        Assert.Equal("1", await database.HistoryAsync());
        await database.QueryAsync("CREATE TABLE one (x integer)");
    }

    [Fact]
    public async Task A_script_that_its_own_client_runs_writes_its_history()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        await database.RunFileAsync(database.Folder.Write("all.sql", (await host.Run.ScriptAsync()).Text));

        await AssertDoneAsync(database);
        Assert.Null(await host.MigrateAsync());
        await AssertDoneAsync(database);
    }

    [Fact]
    public async Task Down_undoes_with_its_own_parts_and_the_tool_goes_on_from_there()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));
        Assert.Null(await host.MigrateAsync());
        var versions = host.Status.Applied.Select(applied => applied.Version).ToList();

        var (undone, error) = await host.Run.DownAsync();

        if (!HasDown)
        {
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains("has no part that undoes it", error!.Message, StringComparison.Ordinal);
            await AssertDoneAsync(database);
            return;
        }
        Assert.Null(error);
        Assert.Equal([versions[2]], undone);
        Assert.Equal((2, 1), (host.Status.AppliedCount, host.Status.PendingCount));
        Assert.DoesNotContain("three", await database.SchemaAsync(), StringComparison.Ordinal);
        if (HasTool)
            await ToolMigratesAsync(database);
        else
            Assert.Null(await host.MigrateAsync());
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM three"));

        Assert.Equal([versions[2], versions[1]], (await host.Run.DownAsync(versions[0])).Undone);
        Assert.Equal([versions[0]], (await host.Run.DownAsync("0")).Undone);
        Assert.Null(await host.MigrateAsync());
        await AssertDoneAsync(database);
    }

    [Fact]
    public async Task A_script_that_breaks_outside_a_transaction_is_resumed()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        Alter(database.Folder, "two", text => $"-- migrationhost: transaction=none\n{text}\nSELECT nowhere;\n");
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);
        Assert.Equal("started", await database.QueryAsync("SELECT state FROM migrationhost_history WHERE statements_done > 0"));
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM two"));

        Alter(database.Folder, "two", text => text.Replace("SELECT nowhere", "SELECT 1", StringComparison.Ordinal));
        Assert.Null(await host.MigrateAsync());
        Assert.Equal(3, host.Status.AppliedCount);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM migrationhost_history"));
    }

    /// <summary>For the tools whose history keeps a checksum.</summary>
    /// <param name="checksum">Its column.</param>
    /// <param name="rest">The other columns.</param>
    protected async Task AnAcceptedChangeIsAllThatChangesInItsRowAsync(string checksum, string rest)
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));
        Assert.Null(await host.MigrateAsync());
        var table = host.Run.Database.Form.Schema is { } schema ? $"{schema}.{host.Run.Database.Form.Table}" : host.Run.Database.Form.Table;
        var (before, sums) = (await database.QueryAsync($"SELECT {rest} FROM {table}"), await database.QueryAsync($"SELECT {checksum} FROM {table}"));
        Alter(database.Folder, "two", text => $"{text}-- a comment\n");
        var version = host.Status.Applied[1].Version;

        var (settled, error) = await host.Run.SettleAsync(version, Settlement.Changed);

        Assert.Null(error);
        Assert.NotEqual(settled!.Was, settled.Now);
        Assert.Equal(Sorted(before), Sorted(await database.QueryAsync($"SELECT {rest} FROM {table}")));
        Assert.NotEqual(sums, await database.QueryAsync($"SELECT {checksum} FROM {table}"));
        Assert.Null(await host.MigrateAsync());
        Assert.Empty(host.Status.Changed);

        static string[] Sorted(string rows) => [.. rows.Split('\n').Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_plain_pair_of_BEGIN_and_COMMIT_and_a_file_of_comments_are_applied()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        Alter(database.Folder, "two", text => $"{Comments(text)}BEGIN;\n{Statements(text)}COMMIT;\n");
        Alter(database.Folder, "three", text => $"{Comments(text)}-- nothing to do\n");
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(3, host.Status.AppliedCount);
        Assert.Equal("0", await database.QueryAsync("SELECT count(*) FROM two"));
        if (HasTool)
            await ToolMigratesAsync(database);

        static string Comments(string text) => string.Concat(text.Split('\n').Where(line => line.StartsWith("--", StringComparison.Ordinal) && !line.Contains("Statement", StringComparison.Ordinal)).Select(line => line + "\n"));
        static string Statements(string text) => string.Concat(text.Split('\n').Where(line => !line.StartsWith("--", StringComparison.Ordinal)).Select(line => line + "\n"));
    }

    /// <summary>What becomes of a start once the file of an applied migration has changed.</summary>
    protected virtual OfChange Changed => OfChange.Unseen;

    /// <summary>The same if only its line ends have.</summary>
    protected virtual OfChange OtherLineEnds => OfChange.Unseen;

    protected enum OfChange
    {
        Unseen,
        Warned,
        Refused,
    }

    [Fact]
    public async Task A_changed_file_and_other_line_ends_are_taken_as_its_tool_takes_them()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 1);
        await ToolMigratesAsync(database);
        var file = FileOf(database.Folder, "one");
        var text = File.ReadAllText(file);

        File.WriteAllText(file, text.Replace("\n", "\r\n", StringComparison.Ordinal));
        await AssertTakenAsync(database, OtherLineEnds);

        File.WriteAllText(file, text);
        Alter(database.Folder, "one", text => $"{text}\nSELECT 1;\n");
        await AssertTakenAsync(database, Changed);
    }

    private async Task AssertTakenAsync(TestDatabase database, OfChange expected)
    {
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));
        var error = await host.MigrateAsync();

        if (expected == OfChange.Refused)
        {
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains("has changed since it was applied", error!.Message, StringComparison.Ordinal);
            return;
        }
        Assert.Null(error);
        Assert.Equal(expected == OfChange.Warned, host.Log.All.Any(line => line.Contains("has changed since it was applied", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Its_table_may_have_another_name_and_another_schema_and_a_child_process_knows()
    {
        var isolation = StartsNoProgram && !Torture.IsAsked ? "InProcess" : "ChildProcess";
        await using var database = await CreateAsync();
        var isServer = database is PostgreSqlTestDatabase;
        if (isServer)
            await database.QueryAsync("CREATE SCHEMA apart");
        (string, string)[] settings =
        [
            ("Databases:app:Layout", Layout.ToString()),
            ("Databases:app:History:Table", "kept"),
            .. isServer ? [("Databases:app:History:Schema", "apart")] : Array.Empty<(string, string)>(),
        ];
        Write(database.Folder, 2);
        await using (var host = database.Host(settings))
            Assert.Null(await host.MigrateAsync());
        Write(database.Folder, 3);
        await using var isolated = database.Host([.. settings, ("Databases:app:Isolation", isolation)]);

        Assert.Null(await isolated.MigrateAsync());

        Assert.Equal((3, 0), (isolated.Status.AppliedCount, isolated.Status.Pending.Count));
        var (query, rows) = AfterAll(database.Folder);
        Assert.Equal(rows, await database.QueryAsync(Regex.Replace(query, @"FROM \S+", isServer ? "FROM apart.kept" : "FROM kept")));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task What_else_is_in_the_folder_is_left_alone_and_what_looks_like_a_migration_is_said()
    {
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        foreach (var name in new[] { "README.md", ".gitkeep", "Makefile", "structure.sql" })
            database.Folder.Write($"migrations/{name}", "CREATE TABLE stray (x integer);");
        database.Folder.Write("migrations/9_STRAY.SQL", "CREATE TABLE stray (x integer);");
        var file = FileOf(database.Folder, "three");
        File.WriteAllText(file, "\uFEFF" + File.ReadAllText(file).Replace("\n", "\r\n", StringComparison.Ordinal));
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        Assert.Null(await host.MigrateAsync());

        Assert.Equal(3, host.Status.AppliedCount);
        Assert.Contains(host.Log.All, line => line.Contains("9_STRAY.SQL: is not read", StringComparison.Ordinal));
        Assert.DoesNotContain(host.Log.All, line => line.Contains("README", StringComparison.Ordinal));
    }

    /// <summary>The path of the file that makes a table.</summary>
    private protected static string FileOf(TempFolder folder, string table) => Directory
        .GetFiles(folder["migrations"], "*.sql", SearchOption.AllDirectories)
        .Single(file => File.ReadAllText(file).Contains($"CREATE TABLE {table} ", StringComparison.Ordinal));

    // Where a file has a part that undoes it, the text goes before that.
    private static void Alter(TempFolder folder, string table, Func<string, string> change)
    {
        var file = FileOf(folder, table);
        var text = File.ReadAllText(file);
        var down = text.IndexOf("own\n", StringComparison.Ordinal) is var found and >= 0 ? text.LastIndexOf('\n', found) + 1 : text.Length;
        File.WriteAllText(file, change(text[..down]) + text[down..]);
    }

    private async Task AssertDoneAsync(TestDatabase database)
    {
        var (query, rows) = AfterAll(database.Folder);
        Assert.Equal(rows, await database.QueryAsync(query));
        foreach (var table in Tables[1..])
            Assert.Equal("0", await database.QueryAsync($"SELECT count(*) FROM {table}"));
    }
}
