using Microsoft.Data.Sqlite;

namespace MigrationHost.Databases.Sqlite;

/// <summary>A checked connection string. Pooling and shared caches are always off for our sessions: a pooled connection would keep the file open after the run, a shared cache would mix our locks with the application's.</summary>
internal sealed class SqliteSettings
{
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

    public bool MayCreate => _builder.Mode == SqliteOpenMode.ReadWriteCreate;

    /// <summary>Reads a connection string; null where there are problems.</summary>
    public static SqliteSettings? Read(string connectionString, string contentRoot, List<string> problems)
    {
        SqliteConnectionStringBuilder builder;
        try
        {
            builder = new SqliteConnectionStringBuilder(connectionString);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            problems.Add($"ConnectionString: {e.Message.TrimEnd('.')}{Suggestion(connectionString)}");
            return null;
        }

        var source = builder.DataSource;
        if (string.IsNullOrWhiteSpace(source))
            problems.Add("ConnectionString: names no file; write for example Data Source=data/app.db");
        else if (source == ":memory:" || builder.Mode == SqliteOpenMode.Memory)
            problems.Add("ConnectionString: a database in memory is gone when the migration's connection closes; use a file");
        else if (source.StartsWith("file:", StringComparison.OrdinalIgnoreCase) || source.StartsWith("|DataDirectory|", StringComparison.OrdinalIgnoreCase))
            problems.Add($"ConnectionString: Data Source={source} is no plain path; write one, relative to the content root or from /");
        else
        {
            var path = System.IO.Path.GetFullPath(source, contentRoot);
            if (Reach(path) is not { } problem)
                return new SqliteSettings(builder, path);
            problems.Add($"ConnectionString: {source} {problem}");
        }
        return null;
    }

    public string ConnectionString(SqliteOpenMode mode, bool immutable = false) => new SqliteConnectionStringBuilder(_builder.ConnectionString)
    {
        DataSource = immutable ? new UriBuilder { Scheme = "file", Host = "", Path = Path, Query = "immutable=1" }.Uri.AbsoluteUri : Path,
        Mode = mode,
        Pooling = false,
        Cache = SqliteCacheMode.Default,
    }.ConnectionString;

    private static string? Reach(string path)
    {
        try
        {
            return File.GetAttributes(path).HasFlag(FileAttributes.Directory) ? "is a directory; name a file in it" : null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"may not be reached: {e.Message} Give this process's user the right to enter its folder";
        }
    }

    private static string Suggestion(string connectionString)
    {
        string[] known = ["Data Source", "Mode", "Cache", "Password", "Foreign Keys", "Recursive Triggers", "Default Timeout", "Pooling", "Vfs"];
        var wrong = connectionString.Split(';')
            .Select(pair => pair.Split('=')[0].Trim())
            .FirstOrDefault(key => key.Length > 0 && !new SqliteConnectionStringBuilder().ContainsKey(key));
        return wrong is null ? "" : NearestName.Suggest(wrong, known);
    }
}
