using System.Diagnostics;
using System.Globalization;

namespace MigrationHost.Bench.Peers;

/// <summary>One tool in one situation: its database, on which it has applied the first migration, and how long anything is waited
/// for.</summary>
internal sealed class Stage : IDisposable
{
    private static readonly string[] First = ["CREATE TABLE orders (id integer);\n"];

    // Parts of stack traces.
    private static readonly string[] Noise = ["at ", "--- End", "Exception data", "(Background"];
    private static readonly string[] Trouble = ["rror", "xception", "failed", "blocked"];

    private readonly Stack<IDisposable> _started = [];
    private readonly Place _place;

    public Stage(Peer peer, bool isSqlite, TimeSpan limit)
    {
        (Peer, Limit, _place) = (peer, limit, new Place(isSqlite));
        Write();
        var first = Start();
        if (!first.Ended(limit) || first.Code != 0)
            throw new InvalidOperationException($"its first migration did not succeed: {first.Said}");
    }

    public Peer Peer { get; }

    public TimeSpan Limit { get; }

    public Place Place => _place;

    /// <summary>Writes the migrations that follow the first one.</summary>
    public void Write(params string[] following) => Peer.Write(_place, [.. First, .. following]);

    public ToolRun Start() => Run(Peer.Start(_place));

    /// <summary>A session of the database's shell that holds what these statements take, for as long as its input is open.</summary>
    public ToolRun Hold(string statements)
    {
        var holder = Run(_place.Shell());
        holder.Write($"{statements}\nSELECT 'held';\n");
        WaitUntil(() => holder.Said.Contains("held", StringComparison.Ordinal));
        return holder;
    }

    /// <summary>When a run said who is in its way: the process, or its session on the server, by number.</summary>
    public static string Named(ToolRun run, int process, IEnumerable<int> sessions) =>
        sessions.Prepend(process).Select(run.SaidAt).Min() is { } at ? $"after {Seconds(at)}" : "no";

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s");

    /// <summary>The numbers of all sessions on the database but the one that asks.</summary>
    public List<int> Sessions() => _place.IsSqlite ? [] :
    [
        .. _place.Ask("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .Split('\n').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture)),
    ];

    /// <summary>How a run ended, or that it did not.</summary>
    public string Ending(ToolRun run) => run.Ended(Limit - run.Elapsed)
        ? $"{(run.Code == 0 ? "done" : $"code {run.Code}")} after {Seconds(run.Elapsed)}"
        : $"no end within {Seconds(Limit)}";

    /// <summary>What the next start does once nothing is in the way.</summary>
    public string Again()
    {
        var run = Start();
        if (!run.Ended(Limit / 2))
            return $"no end within {Seconds(Limit / 2)}";
        return run.Code == 0 ? "ok" : $"code {run.Code}: {Words(run)}";
    }

    /// <summary>The tables of the migrations under way that are there.</summary>
    public string Tables()
    {
        var tables = _place.Ask(_place.IsSqlite
            ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'half_' ORDER BY name"
            : "SELECT tablename FROM pg_tables WHERE tablename LIKE 'half_' ORDER BY tablename");
        return tables.Length == 0 ? "nothing" : tables.Replace("\n", ", ", StringComparison.Ordinal);
    }

    /// <summary>The words of an error, or the last ones.</summary>
    public static string Words(ToolRun run)
    {
        var lines = run.Said.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0 && !Noise.Any(line.StartsWith)).ToList();
        var line = lines.LastOrDefault(line => Trouble.Any(line.Contains)) ?? lines.LastOrDefault() ?? "";
        return (line.Length <= 220 ? line : $"{line[..220]}…").Replace("|", "\\|", StringComparison.Ordinal);
    }

    public void WaitUntil(Func<bool> condition)
    {
        var clock = Stopwatch.StartNew();
        while (!condition() && clock.Elapsed < Limit)
            Thread.Sleep(50);
    }

    public void Dispose()
    {
        foreach (var one in _started)
            one.Dispose();
        _place.Dispose();
    }

    private ToolRun Run(ProcessStartInfo start)
    {
        var run = new ToolRun(start, _place.Folder);
        _started.Push(run);
        return run;
    }
}
