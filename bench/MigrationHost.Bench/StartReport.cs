using System.Diagnostics;

namespace MigrationHost.Bench;

/// <summary>Starts of the program that have nothing to do, in turn with one that opens the same file and runs one SELECT.</summary>
internal static class StartReport
{
    private static readonly string Select = Environment.GetEnvironmentVariable("BENCH_SELECT") ?? "MigrationHost.Select";

    /// <param name="rounds">How often each is started.</param>
    public static int Run(int rounds)
    {
        using var folder = new Folder(10);
        Whole.Ours(folder, "migrate");
        List<double> select = [], migrate = [], version = [];
        for (var round = 0; round < rounds; round++)
        {
            select.Add(Whole.Run(new ProcessStartInfo(Select, [folder["app.db"]])).Ms);
            migrate.Add(Whole.Ours(folder, "migrate").Ms);
            version.Add(Whole.Ours(folder, "--version").Ms);
        }
        Console.WriteLine($"{rounds} starts of each in turn, whole processes: one SELECT {Report.Show(select)} ms; migrate with 10 applied and nothing to do {Report.Show(migrate)} ms, ratio {Report.Ratio(migrate, select)}; --version {Report.Show(version)} ms");
        return 0;
    }
}
