using MigrationHost.Commands;
using MigrationHost.Platform;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Masking;

/// <summary>What others have named or said may hold whatever bytes they like; a terminal and a line of a log show only what it is.</summary>
public sealed class PlainTextTests
{
    private const string Erase = "\e[2K\e[1A";

    [Theory]
    [InlineData("add orders: größer, 注文, 👩‍💻", "add orders: größer, 注文, 👩‍💻")]
    [InlineData("red \e[31m and back\b\b", @"red \u001b[31m and back\u0008\u0008")]
    [InlineData("one\nINF app: ready", @"one\nINF app: ready")]
    [InlineData("one\r\ntwo\tthree", @"one\r\ntwo\tthree")]
    [InlineData("C1 \u009b2K and \u0085", @"C1 \u009b2K and \u0085")]
    [InlineData("lines \u2028 and \u2029", @"lines \u2028 and \u2029")]
    [InlineData("turned \u202elqs.x\u202c, \u2066 and \u200f", @"turned \u202elqs.x\u202c, \u2066 and \u200f")]
    [InlineData("nothing\u200b to\u00ad see\ufeff", @"nothing\u200b to\u00ad see\ufeff")]
    [InlineData("tags \U000e0041", @"tags \udb40\udc41")]
    public void In_one_line_nothing_is_hidden_and_no_line_ends(string text, string shown) => Assert.Equal(shown, PlainText.Line(text));

    [Fact]
    public void Of_several_lines_only_the_first_begins_at_the_margin() =>
        Assert.Equal("one\n    two\tand\\r\n    \\u001b[A", PlainText.Lines("one\r\ntwo\tand\r\r\n\e[A"));

    [Fact]
    public void A_failure_on_the_command_line_has_one_line_for_each_thing_that_it_says()
    {
        var status = Status with { Name = "app" };
        var error = new MigrationError
        {
            Code = MigrationErrorCode.MigrationFailed,
            Message = $"1_x.sql:1: no such table: {Erase}\napp  ready at 1",
            Hint = $"look {Erase}",
        };

        string[] lines = [.. ErrorText.Of(status, error).Select(PlainText.Lines)];

        Assert.Equal(["app  failed: MigrationFailed: 1_x.sql:1: no such table: \\u001b[2K\\u001b[1A\n    app  ready at 1", "app  remedy: look \\u001b[2K\\u001b[1A"], lines);
    }

    [Fact]
    public void The_tree_of_locks_has_no_signs_but_its_own()
    {
        var report = new LockReport
        {
            Database = "app",
            DiagnosedAt = DateTimeOffset.UnixEpoch,
            Complete = true,
            Holders = [new Blocker { Program = $"psql{Erase}", Pid = 1, Holds = "AccessExclusiveLock", Resource = $"t{Erase}\nx", Statement = "SELECT 1\n  , '\e[A'", Hint = $"end it{Erase}" }],
            Waiters = [new LockWaiter(2, $"app{Erase}", $"u{Erase}", null, [1])],
        };

        string[] lines = [.. LockText.Of(report, new Paint(hasColor: false))];

        Assert.All(lines, line => Assert.DoesNotContain(line, char.IsControl));
        Assert.Contains(lines, line => line.EndsWith(@": SELECT 1 , '\u001b[A'", StringComparison.Ordinal));
    }

    [Fact]
    public void The_last_words_of_a_container_have_a_line_for_each_database()
    {
        using var folder = new TempFolder();
        var path = folder.Write("termination-log", "");

        TerminationLog.Write([$"app: {Erase}one\nother: ready", "other: two"], path);

        Assert.Equal("app: \\u001b[2K\\u001b[1Aone\n    other: ready\nother: two", File.ReadAllText(path));
    }

    [Fact]
    public async Task A_migration_that_is_named_with_signs_of_a_terminal_writes_none_into_the_log()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration($"1_x{Erase}\nERR app: gone", "CREATE TABLE a (x);");
        database.Migration("2_fails", $"INSERT INTO \"b{Erase}\nERR app: gone\" VALUES (1);");
        await using var host = database.Host();

        Assert.Equal(4, (await host.MigrateAsync())?.ExitCode);

        Assert.Contains(host.Log.All, line => line.Contains(@"applied 1 x\u001b[2K\u001b[1A", StringComparison.Ordinal));
        Assert.All(host.Log.All, line => Assert.DoesNotContain('\e', line));
        Assert.All(host.Log.All.SelectMany(line => line.Split('\n')), line => Assert.False(line.StartsWith("ERR app", StringComparison.Ordinal), line));
    }

    private static DatabaseStatus Status => new()
    {
        Name = "app",
        Provider = DatabaseProvider.Sqlite,
        Engine = EngineKind.Sql,
        Target = "data/app.db",
        Phase = MigrationPhase.Failed,
        Since = DateTimeOffset.UnixEpoch,
    };
}
