using System.Text.RegularExpressions;
using MigrationHost.Platform;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// A checked connection string. Pooling and shared caches are always off for our sessions: a pooled connection would keep the file open
/// after the run, a shared cache would mix our locks with the application's.
/// </summary>
internal sealed partial class SqliteSettings
{
    private readonly SqliteConnectionStringBuilder _builder;

    private SqliteSettings(SqliteConnectionStringBuilder builder, string full, string path, IReadOnlyList<string> notes)
    {
        _builder = builder;
        Configured = builder.DataSource;
        Path = path;
        Folder = System.IO.Path.GetDirectoryName(full);
        Notes = notes;
    }

    /// <summary>The file as it is configured, for messages.</summary>
    public string Configured { get; }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    /// <summary>The folder that is made for a new file: the configured one, not one that a link leads to.</summary>
    public string? Folder { get; }

    /// <summary>What of the connection string is not used, and why.</summary>
    public IReadOnlyList<string> Notes { get; }

    public bool ReadOnly => _builder.Mode == SqliteOpenMode.ReadOnly;

    public bool IsEncrypted => _builder.Password.Length > 0;

    public bool MayCreate => _builder.Mode == SqliteOpenMode.ReadWriteCreate;

    /// <summary>What to say if there is no file and <see cref="MayCreate"/> is false.</summary>
    public string Missing => $"{Configured} does not exist, and Mode={_builder.Mode} does not create it";

    /// <summary>Reads a connection string of any form; null if there are problems.</summary>
    public static SqliteSettings? Read(string connectionString, string contentRoot, List<string> problems)
    {
        if (SqliteConnectionString.Read(connectionString, contentRoot, problems) is not var (builder, notes))
            return null;
        var full = System.IO.Path.GetFullPath(builder.DataSource, contentRoot);
        var (problem, path) = BriefLook.Take(() => (Problem(builder.DataSource, full, out var target), target), (null, full));
        if (problem is null)
            return new SqliteSettings(builder, full, path, notes);
        problems.Add(problem);
        return null;
    }

    public string ConnectionString(SqliteOpenMode mode, bool immutable = false) =>
        new SqliteConnectionStringBuilder(_builder.ConnectionString)
        {
            DataSource = immutable ? $"{Uri()}?immutable=1" : Path,
            Mode = mode,
            Pooling = false,
            Cache = SqliteCacheMode.Default,
        }.ConnectionString;

    // Every character that SQLite would take for something else is escaped, % itself too. https://www.sqlite.org/uri.html
    private string Uri()
    {
        var parts = Path.Split('/', System.IO.Path.DirectorySeparatorChar).Select(System.Uri.EscapeDataString);
        return $"file://{(Path.StartsWith('/') ? "" : "/")}{string.Join('/', parts)}";
    }

    private static string? Problem(string source, string path, out string target) =>
        Reach(path, out target) is { } wrong ? $"{source} {wrong}"
        : !File.Exists(target) && Unmeant(source) is { } unmeant ? $"its Data Source {unmeant}"
        : null;

    /// <summary>Follows links as SQLite does, so that journals, locks and the turn are looked for where they are.</summary>
    private static string? Reach(string path, out string target)
    {
        target = path;
        try
        {
            target = File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path;
            return File.GetAttributes(target).HasFlag(FileAttributes.Directory) ? "is a directory; name a file in it"
                : FileIdentity.IsSpecial(target) ? "is a pipe, a socket or a device; name a file"
                : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return DeadLink(path, target) is { } link
                ? $"may not be reached: {link} is a link, and the folder that it leads to does not exist; "
                    + "mount the volume, or correct the link"
                : FileAbove(target) is { } file ? $"may not be reached: {file} is a file, not a folder"
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"may not be reached: {e.Message} Give this process's user the right to enter its folder";
        }
    }

    // A file that is there is meant, whatever it is called. One that would be made would be empty, and the service would start with it.
    private static string? Unmeant(string source) =>
        System.IO.Path.EndsInDirectorySeparator(source) ? "ends like a folder; name a file in it"
        : source.StartsWith('~') ? "begins with '~', which only a shell fills in; write the path in full"
        : Variable().IsMatch(source) ? "has a variable in it that nobody has filled in; write the path itself"
        : !OperatingSystem.IsWindows() && WindowsPath().IsMatch(source)
            ? "is a path of Windows, and would be a name here; write one with '/'"
        : null;

    // $NAME, ${NAME}, $(NAME), %NAME%, {{ .name }}.
    [GeneratedRegex(@"\$[{(]|\$[A-Z_]{2}|%[A-Za-z_]\w+%|\{\{")]
    private static partial Regex Variable();

    [GeneratedRegex(@"^([A-Za-z]:)?\\|^[A-Za-z]:/")]
    private static partial Regex WindowsPath();

    // Folders are made for a new database, but not where only a link says that there should be one.
    private static string? DeadLink(string path, string target)
    {
        var above = System.IO.Path.GetDirectoryName(target);
        if (target != path && !Directory.Exists(above))
            return path;
        while (above is not null && !Directory.Exists(above))
        {
            if (FileStatus.Of(above) is null && FileStatus.Of(above, followLinks: false) is { Kind: FileKind.Link })
                return above;
            above = System.IO.Path.GetDirectoryName(above);
        }
        return null;
    }

    private static string? FileAbove(string path)
    {
        var above = System.IO.Path.GetDirectoryName(path);
        while (above is not null && !Directory.Exists(above))
        {
            if (File.Exists(above))
                return above;
            above = System.IO.Path.GetDirectoryName(above);
        }
        return null;
    }
}
