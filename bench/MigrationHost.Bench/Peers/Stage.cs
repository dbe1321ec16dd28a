using System.Diagnostics;
using System.Globalization;

namespace MigrationHost.Bench.Peers;

/// <summary>One tool in one situation: its database, on which it has applied the first migration, and how long anything is waited for.</summary>
internal sealed class Stage : IDisposable
{
    private static readonly string[] First = ["CREATE TABLE orders (id integer);\n"];

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
        sessions.Prepend(process).Select(run.SaidAt).Min() is { } at ? string.Create(CultureInfo.InvariantCulture, $"after {at.TotalSeconds:0.0} s") : "no";

    /// <summary>The numbers of all sessions on the database but the one that asks.</summary>
    public List<int> Sessions() => _place.IsSqlite ? [] : [.. _place.Ask(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Split('\n').Select(pid => int.Parse(pid, CultureInfo.InvariantCulture))];

    /// <summary>How a run ended, or that it did not.</summary>
    public string Ending(ToolRun run) => run.Ended(Limit - run.Elapsed)
        ? string.Create(CultureInfo.InvariantCulture, $"{(run.Code == 0 ? "done" : $"code {run.Code}")} after {run.Elapsed.TotalSeconds:0.0} s")
        : string.Create(CultureInfo.InvariantCulture, $"no end within {Limit.TotalSeconds:0} s");

    /// <summary>What the next start does once nothing is in the way.</summary>
    public string Again()
    {
        var run = Start();
        return run.Ended(Limit / 2) ? run.Code == 0 ? "ok" : $"code {run.Code}: {Words(run)}" : string.Create(CultureInfo.InvariantCulture, $"no end within {Limit.TotalSeconds / 2:0} s");
    }

    /// <summary>The tables of the migrations under way that are there.</summary>
    public string Tables() => string.Join(", ", _place.Ask(_place.IsSqlite
        ? "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'half_' ORDER BY name"
        : "SELECT tablename FROM pg_tables WHERE tablename LIKE 'half_' ORDER BY tablename").Split('\n')) is { Length: > 0 } tables ? tables : "nothing";

    /// <summary>The words of an error, or the last ones.</summary>
    public static string Words(ToolRun run)
    {
        var lines = run.Said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Trim())
            .Where(line => !line.StartsWith("at ", StringComparison.Ordinal) && !line.StartsWith("(Background", StringComparison.Ordinal)
                && !line.StartsWith("--- End", StringComparison.Ordinal));
        var line = lines.LastOrDefault(line => line.Contains("rror", StringComparison.Ordinal) || line.Contains("xception", StringComparison.Ordinal)
            || line.Contains("failed", StringComparison.Ordinal) || line.Contains("blocked", StringComparison.Ordinal)) ?? lines.LastOrDefault() ?? "";
        return line.Replace("|", "\\|", StringComparison.Ordinal) is { Length: > 220 } text ? $"{text[..220]}…" : line;
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
