using MigrationHost.Platform;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// The folder in which SQLite puts temporary files: VACUUM, large sorts and statements that may have to be undone need one.
/// <see href="https://www.sqlite.org/tempfiles.html#temporary_file_storage_locations"/>
/// </summary>
internal static class SqliteTemporaryFolder
{
    public const string Variable = "SQLITE_TMPDIR";

    public const string Remedy =
        $"Set the environment variable {Variable} to a folder that this process may write to, "
            + "or mount one at /tmp (in Kubernetes an emptyDir).";

    /// <summary>The folder; null if none of those that SQLite tries can be written to.</summary>
    public static string? Find() => Candidates().FirstOrDefault(IsWritable);

    /// <summary>
    /// The folder that is asked for by the variable and cannot be written to: SQLite passes over
    /// it silently. Null if all is well with it.
    /// </summary>
    public static string? Unusable() =>
        Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } folder && !IsWritable(folder) ? folder : null;

    private static IEnumerable<string> Candidates() =>
        new[] { Environment.GetEnvironmentVariable(Variable), Environment.GetEnvironmentVariable("TMPDIR") }.OfType<string>()
            .Concat(["/var/tmp", "/usr/tmp", "/tmp", "."]);

    private static bool IsWritable(string folder) =>
        Directory.Exists(folder) && LibC.Access(LibC.CurrentDirectory, folder, LibC.MayWrite | LibC.MayExecute, LibC.AsEffectiveUser) == 0;
}
