using System.Globalization;

namespace MigrationHost.Bench.Peers;

/// <summary>The situations, each made for real.</summary>
internal static class Situations
{
    private const string Endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT count(*) FROM c;\n";
    private const string HalfAMinute =
        "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 60000000) SELECT max(x) FROM c;\n";

    private const string Reading = "BEGIN; SELECT count(*) FROM orders;";

    private const string Sleeping = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() "
        + "AND state = 'active' AND wait_event = 'PgSleep'";

    // In place of the slow one, so that the next start shows what is in its way and not how fast the machine is.
    private const string Quick = "CREATE TABLE half1 (id integer);\nCREATE TABLE half2 (id integer);\n";

    private static readonly string[] Waiting = ["its start", "the holder is named", "its words", "left behind", "the next start"];

    public static IReadOnlyList<Situation> All { get; } =
    [
        new("another process holds the write lock", true, Waiting,
            stage => Held(stage, "BEGIN IMMEDIATE;", "CREATE TABLE half1 (id integer);\n")),
        new("a reader keeps its transaction open", true, Waiting,
            stage => Held(stage, Reading, "CREATE TABLE half1 (id integer);\n", "CREATE TABLE half2 (id integer);\n")),
        new("an ALTER behind an idle transaction", false,
            ["its start", "the holder is named", "its words", "a SELECT of the application meanwhile", "the next start"], Idle),
        new("another instance is stuck in a migration", true, Waiting, Stuck),
        new("another instance is stuck in a migration", false, Waiting, Stuck),
        new("killed in the middle of a migration", true, ["left behind", "the next start"], Killed),
        new("killed in the middle of a migration", false, ["left behind", "the next start"], Killed),
        new("a statement that never ends", true, ["its start", "its words"], NeverEnds)
        {
            Also = [PeerTools.Ours("MigrationHost, `Timeouts:Migration` of 20 s", ("Timeouts__Migration", "00:00:20"))],
        },
        new("five instances at once, 20 migrations", true, ["failed", "until the last had ended", "its words"], Five),
        new("five instances at once, 20 migrations", false, ["failed", "until the last had ended", "its words"], Five),
        new("the server is up 15 s late", false, ["its start", "its words"], Late),
        new("an error in the second statement", true, ["its words", "left behind", "the next start, the file repaired"], Wrong),
        new("an error in the second statement", false, ["its words", "left behind", "the next start, the file repaired"], Wrong),
        new("SIGTERM in the middle of a migration", true, ["ended", "left behind", "the next start"], Told),
        new("SIGTERM in the middle of a migration", false,
            ["ended", "its statement still runs on the server", "left behind", "the next start"], Told),
    ];

    private static string[] Held(Stage stage, string hold, params string[] migrations)
    {
        stage.Write(migrations);
        var holder = stage.Hold(hold);
        var sessions = stage.Sessions();
        var run = stage.Start();
        var ending = stage.Ending(run);
        End(run);
        holder.CloseInput();
        holder.Ended(stage.Limit);
        return [ending, Stage.Named(run, holder.Pid, sessions), Stage.Words(run), stage.Tables(), stage.Again()];
    }

    private static string[] Idle(Stage stage)
    {
        stage.Write("ALTER TABLE orders ADD COLUMN total integer;\n");
        var holder = stage.Hold(Reading);
        var sessions = stage.Sessions();
        var run = stage.Start();
        var longest = TimeSpan.Zero;
        while (!run.Ended(TimeSpan.FromMilliseconds(300)) && run.Elapsed < stage.Limit)
        {
            using var select = new ToolRun(stage.Place.Shell("-c", "SELECT count(*) FROM orders"), stage.Place.Folder);
            while (!select.Ended(TimeSpan.FromMilliseconds(50)) && !run.Ended(TimeSpan.Zero) && run.Elapsed < stage.Limit)
            {
            }
            longest = TimeSpan.FromTicks(Math.Max(longest.Ticks, select.Elapsed.Ticks));
        }
        var ending = stage.Ending(run);
        End(run);
        holder.CloseInput();
        holder.Ended(stage.Limit);
        return [ending, Stage.Named(run, holder.Pid, sessions), Stage.Words(run), $"waits up to {Stage.Seconds(longest)}", stage.Again()];
    }

    private static string[] Stuck(Stage stage)
    {
        stage.Write($"CREATE TABLE half1 (id integer);\n{(stage.Place.IsSqlite ? Endless : "SELECT pg_sleep(100000);\n")}");
        var stuck = stage.Start();
        UntilInTheMiddle(stage, stuck);
        var sessions = stage.Sessions();
        var run = stage.Start();
        var ending = stage.Ending(run);
        End(run);
        End(stuck);
        stage.Write("CREATE TABLE half1 (id integer);\n");
        return [ending, Stage.Named(run, stuck.Pid, sessions), Stage.Words(run), stage.Tables(), stage.Again()];
    }

    private static string[] Killed(Stage stage)
    {
        stage.Write(Slow(stage));
        var run = stage.Start();
        UntilInTheMiddle(stage, run);
        run.Signal("KILL");
        run.Ended(stage.Limit);
        var left = stage.Tables();
        stage.Write(Quick);
        return [left, stage.Again()];
    }

    private static string[] Told(Stage stage)
    {
        stage.Write(Slow(stage));
        var run = stage.Start();
        UntilInTheMiddle(stage, run);
        var before = run.Elapsed;
        run.Signal("TERM");
        var ended = run.Ended(stage.Limit / 4)
            ? $"code {run.Code} after {Stage.Seconds(run.Elapsed - before)}"
            : $"not within {Stage.Seconds(stage.Limit / 4)}";
        End(run);
        Thread.Sleep(1000);
        string[] still = stage.Place.IsSqlite ? [] : [Sleeps(stage) ? "yes" : "no"];
        var left = stage.Tables();
        stage.Write(Quick);
        return [ended, .. still, left, stage.Again()];
    }

    private static string[] NeverEnds(Stage stage)
    {
        stage.Write(Endless);
        var run = stage.Start();
        return [stage.Ending(run), Stage.Words(run)];
    }

    private static string[] Five(Stage stage)
    {
        stage.Write([.. Enumerable.Range(1, 20).Select(Folder.Migration)]);
        ToolRun[] runs = [.. Enumerable.Range(0, 5).Select(_ => stage.Start())];
        var failed = runs.Count(run => !run.Ended(stage.Limit) || run.Code != 0);
        var words = runs.FirstOrDefault(run => run.Ended(TimeSpan.Zero) && run.Code != 0) is { } one ? Stage.Words(one) : "";
        return [$"{failed} of 5", Stage.Seconds(runs.Max(run => run.Elapsed)), words];
    }

    private static string[] Late(Stage stage)
    {
        using var server = new LateServer(TimeSpan.FromSeconds(15), int.Parse(stage.Place.Port, CultureInfo.InvariantCulture));
        stage.Place.Port = $"{server.Port}";
        stage.Write("CREATE TABLE half1 (id integer);\n");
        var run = stage.Start();
        return [stage.Ending(run), Stage.Words(run)];
    }

    private static string[] Wrong(Stage stage)
    {
        stage.Write("CREATE TABLE half1 (id integer);\nINSERT INTO nowhere VALUES (1);\n");
        var run = stage.Start();
        var ending = stage.Ending(run);
        var left = stage.Tables();
        stage.Write("CREATE TABLE half1 (id integer);\n");
        return [$"{ending}: {Stage.Words(run)}", left, stage.Again()];
    }

    private static string Slow(Stage stage) =>
        "CREATE TABLE half1 (id integer);\n" + (stage.Place.IsSqlite ? HalfAMinute : "SELECT pg_sleep(20);\n")
            + "CREATE TABLE half2 (id integer);\n";

    // A server shows it. Of SQLite nothing does for every tool: enough time for each to start.
    private static void UntilInTheMiddle(Stage stage, ToolRun run)
    {
        if (stage.Place.IsSqlite)
            run.Ended(TimeSpan.FromSeconds(10));
        else
            stage.WaitUntil(() => Sleeps(stage) || run.Ended(TimeSpan.Zero));
    }

    private static bool Sleeps(Stage stage) => stage.Place.Ask(Sleeping) != "0";

    private static void End(ToolRun run)
    {
        if (run.Ended(TimeSpan.Zero))
            return;
        run.Signal("KILL");
        run.Ended(TimeSpan.FromSeconds(10));
    }
}
