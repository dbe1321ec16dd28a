using System.Diagnostics;

namespace MigrationHost.Bench;

/// <summary>Whole processes: from their start to their end, and their largest resident memory.</summary>
internal static class Whole
{
    private static readonly string Program = Environment.GetEnvironmentVariable("MIGRATIONHOST_PROGRAM") ?? "migrationhost";

    /// <summary>The program on the SQLite file <c>app.db</c> of a folder.</summary>
    public static (double Ms, double MiB) Ours(Folder folder, params string[] arguments)
    {
        var start = new ProcessStartInfo(Program, arguments) { WorkingDirectory = folder.Path };
        start.Environment["MigrationHost__Databases__app__ConnectionString"] = "Data Source=app.db";
        return Run(start);
    }

    public static (double Ms, double MiB) Run(ProcessStartInfo start)
    {
        start.RedirectStandardOutput = true;
        var (clock, most) = (Stopwatch.StartNew(), 0.0);
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        while (!process.WaitForExit(20))
            most = Math.Max(most, Peak(process.Id));
        var took = clock.Elapsed.TotalMilliseconds;
        return process.ExitCode == 0 ? (took, most) : throw new InvalidOperationException($"{start.FileName} failed");
    }

    // proc(5). The kernel keeps the peak: what is missed is what comes in the last moments.
    private static double Peak(int process)
    {
        try
        {
            return File.ReadLines($"/proc/{process}/status").Where(line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Sum(Child.KiB) / 1024;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
