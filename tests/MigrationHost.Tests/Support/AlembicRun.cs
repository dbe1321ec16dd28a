namespace MigrationHost.Tests.Support;

/// <summary>The real program over a copy of the sample, with the real Alembic.</summary>
internal static class AlembicRun
{
    /// <summary>What is enough, in seconds, for Python to start and to get to the last revision even on a busy machine.</summary>
    public const double TimeToBegin = 15;

    public static string[] Settings(AlembicFolder folder, params (string Key, string Value)[] settings) =>
    [
        "--MigrationHost:Databases:shop:Engine=Alembic",
        $"--MigrationHost:Databases:shop:ConnectionString=Data Source={folder.Database}",
        .. settings.Select(setting => $"--MigrationHost:Databases:shop:{setting.Key}={setting.Value}"),
    ];

    public static (string, string)[] Limits(double lockSeconds = 60, double graceSeconds = 2, double migrationSeconds = 60) =>
    [
        ("Timeouts:Lock", Text(lockSeconds)), ("Timeouts:Grace", Text(graceSeconds)), ("Timeouts:Migration", Text(migrationSeconds)), ("Timeouts:StallAfter", Text(1)),
    ];

    /// <summary>Runs <c>migrate</c> to its end; afterwards nothing of the tool may be left.</summary>
    public static async Task<(int Code, string Output, string Log)> MigrateAsync(AlembicFolder folder, params (string, string)[] settings)
    {
        var result = await MigrationHostProgram.RunAsync(folder.Path, ["migrate", .. Settings(folder, settings)]);
        Assert.Empty(ProcessesIn(folder.Path));
        return result;
    }

    /// <summary>The processes whose working directory this is.</summary>
    public static IReadOnlyList<string> ProcessesIn(string folder) =>
    [
        .. Directory.EnumerateDirectories("/proc").Where(process => int.TryParse(Path.GetFileName(process), out _) && WorksIn(process, folder)),
    ];

    private static bool WorksIn(string process, string folder)
    {
        try
        {
            return File.ResolveLinkTarget($"{process}/cwd", returnFinalTarget: false)?.FullName == folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private static string Text(double seconds) => TimeSpan.FromSeconds(seconds).ToString(null, System.Globalization.CultureInfo.InvariantCulture);
}
