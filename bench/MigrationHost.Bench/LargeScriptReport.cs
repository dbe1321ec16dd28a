using System.Diagnostics;
using System.Globalization;

namespace MigrationHost.Bench;

/// <summary>One script of many INSERTs on SQLite, in turn with the sqlite3 shell in one transaction: whole processes.</summary>
internal static class LargeScriptReport
{
    /// <param name="megabytes">How large the script is.</param>
    /// <param name="rounds">How often each is run.</param>
    public static int Run(int megabytes, int rounds)
    {
        using var folder = new Folder(1, _ => "");
        var script = folder["migrations/1_create_t1.sql"];
        Write(script, megabytes * 1_000_000L);
        List<(double Ms, double MiB)> ours = [], shell = [];
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(InNewFile(folder, () => Whole.Ours(folder, "migrate")));
            shell.Add(InNewFile(folder, () => Whole.Run(
                new ProcessStartInfo("sqlite3", ["-batch", "-bail", folder["app.db"], "BEGIN", $".read {script}", "COMMIT"]))));
        }
        Console.WriteLine($"A script of {megabytes} MB, {rounds} rounds in turn: MigrationHost {Show(ours)}; sqlite3, one in all, {Show(shell)}");
        Console.WriteLine($"MigrationHost's speed is {Report.Ratio(Times(shell), Times(ours))} times the shell's, its memory {(Report.Median(Memory(ours)) / (megabytes / 1.048576)).ToString("0.00", CultureInfo.InvariantCulture)} times the script");
        return 0;
    }

    private static T InNewFile<T>(Folder folder, Func<T> measure)
    {
        try
        {
            return measure();
        }
        finally
        {
            foreach (var file in Directory.EnumerateFiles(folder.Path, "app.db*"))
                File.Delete(file);
        }
    }

    private static void Write(string script, long size)
    {
        using var text = File.CreateText(script);
        text.Write("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, amount REAL, at TEXT);\n");
        for (var i = 0; text.BaseStream.Position < size; i++)
            text.Write(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO t (id, name, amount, at) VALUES ({i}, 'name of the row {i}', {i * 1.5:0.0}, '2026-11-27T10:00:00Z');\n"));
    }

    private static List<double> Times(List<(double Ms, double MiB)> runs) => [.. runs.Select(run => run.Ms)];

    private static List<double> Memory(List<(double Ms, double MiB)> runs) => [.. runs.Select(run => run.MiB)];

    private static string Show(List<(double Ms, double MiB)> runs) => $"{Report.Show(Times(runs))} ms, {Report.Show(Memory(runs))} MiB";
}
