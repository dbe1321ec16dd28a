namespace MigrationHost.Engines;

/// <summary>The setting <c>Migrations</c> where it is a folder.</summary>
internal static class MigrationsFolder
{
    /// <summary>Why it cannot be one; null if it can be read.</summary>
    public static string? Problem(string configured, string contentRoot)
    {
        if (PathText.Problem(configured) is { } unusable)
            return unusable;
        var path = Path.GetFullPath(configured, contentRoot);
        if (File.Exists(path))
            return $"{PathText.Show(configured)} is a file, not a folder";
        try
        {
            using var entries = Directory.EnumerateFileSystemEntries(path).GetEnumerator();
            entries.MoveNext();
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return $"the folder {PathText.Show(configured)} does not exist (looked for {PathText.ShowFull(configured, contentRoot)})";
        }
        catch (UnauthorizedAccessException)
        {
            return $"the folder {PathText.Show(configured)} cannot be read: give this process's user the right to read it";
        }
        catch (IOException e)
        {
            return $"the folder {PathText.Show(configured)} cannot be read{(PathText.Show(configured) == configured ? $": {e.Message}" : "")}";
        }
    }
}
