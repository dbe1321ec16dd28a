using System.Text.RegularExpressions;
using MigrationHost.Databases.Connections;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Databases.Sqlite;

/// <summary>
/// Reads a connection string of any form into the driver's own: an address, or the driver's keys.
/// What is not understood is named by its position.
/// </summary>
internal static partial class SqliteConnectionString
{
    private static readonly string[] OfServers =
    [
        "Host", "Server", "Port", "Database", "Username", "User Name", "User Id", "UserId", "User", "Uid", "Search Path",
        "SSL Mode", "SslMode",
    ];

    private const string Encrypting = "reference a bundle of SQLite that encrypts instead of SQLitePCLRaw.bundle_e_sqlite3";
    private const string Example = "write for example Data Source=data/app.db";

    private static readonly string[] Keys =
        ["Data Source", "Mode", "Cache", "Password", "Foreign Keys", "Recursive Triggers", "Default Timeout", "Pooling", "Vfs"];

    /// <returns>The driver's connection string and what of the given one is not used; null if there are problems.</returns>
    public static (SqliteConnectionStringBuilder Builder, IReadOnlyList<string> Notes)? Read(string text, string contentRoot,
        List<string> problems)
    {
        var (builder, found, notes) = (new SqliteConnectionStringBuilder(), new List<string>(), new List<string>());
        if (ConnectionAddress.SchemeOf(text) is not null)
            SqliteAddress.Read(text.Trim(), contentRoot, builder, found, notes);
        else
            ReadDriver(text, builder, found);
        if (found.Count == 0 && FileProblem(builder) is { } problem)
            found.Add(problem);
        problems.AddRange(found);
        return found.Count == 0 ? (builder, notes) : null;
    }

    private static void ReadDriver(string text, SqliteConnectionStringBuilder builder, List<string> problems)
    {
        if (!text.Contains('=', StringComparison.Ordinal))
        {
            problems.Add($"is neither key=value nor an address; {Example}");
            return;
        }
        if (DriverPairs.Read(text, problems) is not { } pairs)
            return;
        if (pairs.FirstOrDefault(pair => OfServers.Contains(pair.Key, StringComparer.OrdinalIgnoreCase)) is { } ofServer)
        {
            problems.Add($"{ofServer.Key} is not a key of SQLite: set Provider to MySql or PostgreSql");
            return;
        }
        for (var i = 0; i < pairs.Count; i++)
        {
            var (key, value, _) = pairs[i];
            if (!builder.ContainsKey(key))
                problems.Add(DriverPairs.Unknown(pairs, i, NearestName.Suggest(key, Keys)));
            else if (value.Length > 0 && !TrySet(builder, key, value))
                problems.Add($"the value of {key} has the wrong form{Choices(key)}");
        }
        if (builder.Password.Length > 0 && EncryptionProblem() is { } problem)
            problems.Add($"has a Password: {problem}; leave it out, or {Encrypting}");
    }

    private static string? FileProblem(SqliteConnectionStringBuilder builder)
    {
        var source = builder.DataSource;
        return string.IsNullOrWhiteSpace(source) ? $"names no file; {Example}"
            : Path.GetFileName(source) == ":memory:" || builder.Mode == SqliteOpenMode.Memory
                ? "a database in memory is gone when the migration's connection closes; use a file"
            : source.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
                || source.StartsWith("|DataDirectory|", StringComparison.OrdinalIgnoreCase)
                || source.Contains("://", StringComparison.Ordinal) || ConnectionAddress.SchemeOf(source) is not null
                ? "its Data Source is not a plain path; write one, relative to the content root or from /"
            : source.Any(char.IsControl) ? "its Data Source has a line break, a NUL or another control character in it"
            : source.Contains('@') && Account().IsMatch(source)
                ? "its Data Source begins like the address of a server, name:password@host: write the path of a file, without them"
            : source.AsSpan().ContainsAny('=', ':') && NextKey().IsMatch(source)
                ? "its Data Source has another key in it; separate keys with ';'"
            : null;
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
        key.Equals("Mode", StringComparison.OrdinalIgnoreCase) ? $"; choose from {string.Join(", ", Enum.GetNames<SqliteOpenMode>())}"
        : key.Equals("Cache", StringComparison.OrdinalIgnoreCase) ? $"; choose from {string.Join(", ", Enum.GetNames<SqliteCacheMode>())}"
        : "";

    // A file of that name would be made, with a password in it.
    [GeneratedRegex(
        @"password\s*[=:]|\b(pwd|mode|cache|pooling|data source|default timeout|foreign keys|user|username|host)\s*[=:]",
        RegexOptions.IgnoreCase)]
    private static partial Regex NextKey();

    // Not the drive of a path of Windows.
    [GeneratedRegex(@"^/*(?![A-Za-z]:[\\/])[^/:]*:.*@|:[^/\\]*@")]
    private static partial Regex Account();
}
