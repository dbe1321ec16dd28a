using System.Data.Common;
using MigrationHost.Platform;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A checked connection string. Pooling and shared caches are always off for our sessions: a pooled connection would keep the file
/// open after the run, a shared cache would mix our locks with the application's.</summary>
internal sealed class SqliteSettings
{
    private static readonly string[] Keys = ["Data Source", "Mode", "Cache", "Password", "Foreign Keys", "Recursive Triggers", "Default Timeout", "Pooling", "Vfs"];

    private readonly SqliteConnectionStringBuilder _builder;

    private SqliteSettings(SqliteConnectionStringBuilder builder, string path)
    {
        _builder = builder;
        Configured = builder.DataSource;
        Path = path;
    }

    /// <summary>The file as it is configured, for messages.</summary>
    public string Configured { get; }

    /// <summary>The file's full path.</summary>
    public string Path { get; }

    public bool ReadOnly => _builder.Mode == SqliteOpenMode.ReadOnly;

    public bool IsEncrypted => _builder.Password.Length > 0;

    public bool MayCreate => _builder.Mode == SqliteOpenMode.ReadWriteCreate;

    /// <summary>What to say where there is no file and <see cref="MayCreate"/> is false.</summary>
    public string Missing => $"{Configured} does not exist, and Mode={_builder.Mode} does not create it";

    /// <summary>Reads a connection string; null where there are problems.</summary>
    public static SqliteSettings? Read(string connectionString, string contentRoot, List<string> problems)
    {
        if (Parse(connectionString, problems) is not { } builder)
            return null;
        var source = builder.DataSource;
        if (string.IsNullOrWhiteSpace(source))
            problems.Add("ConnectionString: names no file; write for example Data Source=data/app.db");
        else if (source == ":memory:" || builder.Mode == SqliteOpenMode.Memory)
            problems.Add("ConnectionString: a database in memory is gone when the migration's connection closes; use a file");
        else if (source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || source.StartsWith("|DataDirectory|", StringComparison.OrdinalIgnoreCase))
            problems.Add($"ConnectionString: Data Source={source} is no plain path; write one, relative to the content root or from /");
        else
        {
            if (Reach(System.IO.Path.GetFullPath(source, contentRoot), out var path) is not { } problem)
                return new SqliteSettings(builder, path);
            problems.Add($"ConnectionString: {source} {problem}");
        }
        return null;
    }

    public string ConnectionString(SqliteOpenMode mode, bool immutable = false) => new SqliteConnectionStringBuilder(_builder.ConnectionString)
    {
        DataSource = immutable ? $"{Uri()}?immutable=1" : Path,
        Mode = mode,
        Pooling = false,
        Cache = SqliteCacheMode.Default,
    }.ConnectionString;

    // Every character that SQLite would take for something else is escaped, % itself too. https://www.sqlite.org/uri.html
    private string Uri() => $"file://{(Path.StartsWith('/') ? "" : "/")}{string.Join('/', Path.Split('/', System.IO.Path.DirectorySeparatorChar).Select(System.Uri.EscapeDataString))}";

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
            return FileAbove(target) is { } file ? $"may not be reached: {file} is a file, not a folder" : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"may not be reached: {e.Message} Give this process's user the right to enter its folder";
        }
    }

    private static string? FileAbove(string path)
    {
        for (var above = System.IO.Path.GetDirectoryName(path); above is not null && !Directory.Exists(above); above = System.IO.Path.GetDirectoryName(above))
        {
            if (File.Exists(above))
                return above;
        }
        return null;
    }

    private static SqliteConnectionStringBuilder? Parse(string connectionString, List<string> problems)
    {
        var before = problems.Count;
        var builder = new SqliteConnectionStringBuilder();
        var pairs = new DbConnectionStringBuilder();
        try
        {
            pairs.ConnectionString = connectionString;
        }
        catch (ArgumentException e)
        {
            problems.Add($"ConnectionString: {e.Message.TrimEnd('.')}; write for example Data Source=data/app.db");
            return null;
        }
        foreach (string key in pairs.Keys)
        {
            if (!builder.ContainsKey(key))
                problems.Add($"ConnectionString: unknown key '{key}'{NearestName.Suggest(key, Keys)}");
            else if (!TrySet(builder, key, pairs[key]))
                problems.Add($"ConnectionString: the value of '{key}' is of the wrong kind{Choices(key)}");
        }
        if (builder.Password.Length > 0 && EncryptionProblem() is { } problem)
            problems.Add($"ConnectionString: has a Password: {problem}; leave it out, or reference a bundle of SQLite that encrypts instead of SQLitePCLRaw.bundle_e_sqlite3");
        return problems.Count == before ? builder : null;
    }

    // The driver says so when a connection is opened, once the file is there.
    private static string? EncryptionProblem()
    {
        try
        {
            using var connection = new SqliteConnection("Data Source=:memory:;Password=x");
            connection.Open();
            return null;
        }
        catch (InvalidOperationException e)
        {
            return e.Message.TrimEnd('.');
        }
    }

    private static bool TrySet(SqliteConnectionStringBuilder builder, string key, object value)
    {
        try
        {
            builder[key] = value;
            return true;
        }
        catch (Exception e) when (e is ArgumentException or FormatException or OverflowException)
        {
            return false;
        }
    }

    private static string Choices(string key) =>
        key.Equals("Mode", StringComparison.OrdinalIgnoreCase) ? $"; there is {string.Join(", ", Enum.GetNames<SqliteOpenMode>())}"
        : key.Equals("Cache", StringComparison.OrdinalIgnoreCase) ? $"; there is {string.Join(", ", Enum.GetNames<SqliteCacheMode>())}"
        : "";
}
