using MigrationHost.Layouts;

namespace MigrationHost.Engines;

/// <summary>The setting <c>Migrations</c>: a folder, or resources.</summary>
internal static class MigrationsSetting
{
    /// <summary>What it names.</summary>
    public static MigrationFiles FilesOf(string configured, string contentRoot) => EmbeddedFiles.Are(configured)
        ? new EmbeddedFiles(configured, ResourceAssemblies.For(configured))
        : new FolderFiles(configured, () => FullPath(configured, contentRoot));

    /// <summary>The folder that is meant: the one below the content root, unless only the program's own folder has it.</summary>
    public static string FullPath(string configured, string contentRoot)
    {
        var (first, second) = (Path.GetFullPath(configured, contentRoot), Path.GetFullPath(configured, AppContext.BaseDirectory));
        return !Path.Exists(first) && Directory.Exists(second) ? second : first;
    }

    /// <summary>Why it cannot be read; null if it can.</summary>
    public static string? Problem(string configured, string contentRoot) => PathText.Problem(configured) is { } unusable ? unusable
        : EmbeddedFiles.Are(configured) ? ResourceProblem(configured)
        : FolderProblem(configured, contentRoot);

    private static string? ResourceProblem(string configured)
    {
        if (!new EmbeddedFiles(configured, ResourceAssemblies.For(configured)).IsEmpty)
            return null;
        var scripts = ResourceAssemblies.Scripts().Take(3).ToList();
        return $"no resource of this program has a name that begins with what follows {EmbeddedFiles.Scheme}"
            + (scripts.Count > 0
                ? $"; it has for example {string.Join(", ", scripts)}"
                : "; it has no .sql resource at all: add <EmbeddedResource Include=\"migrations/**\" /> to the project file");
    }

    private static string? FolderProblem(string configured, string contentRoot)
    {
        var path = FullPath(configured, contentRoot);
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
            return $"the folder {PathText.Show(configured)} does not exist (looked for {LookedFor(configured, contentRoot)})";
        }
        catch (UnauthorizedAccessException)
        {
            return $"the folder {PathText.Show(configured)} cannot be read: give this process's user the right to read it";
        }
        catch (IOException e)
        {
            return $"the folder {PathText.Show(configured)} cannot be read"
                + (PathText.Show(configured) == configured ? $": {e.Message}" : "");
        }
    }

    private static string LookedFor(string configured, string contentRoot)
    {
        var (first, second) = (PathText.ShowFull(configured, contentRoot), PathText.ShowFull(configured, AppContext.BaseDirectory));
        return first == second ? first : $"{first}, and beside the program for {second}";
    }
}
