using System.Text.RegularExpressions;
using MigrationHost.Scripts;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>What a script must not contain for a server: it would break a promise of the run, or only psql could do it.</summary>
internal static partial class ScriptRefusals
{
    public const string ChangesEncoding = $"changes client_encoding: {PostgreSqlEncoding.Why}";

    /// <summary>Why a statement is refused, and what to do; null if it is not.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="history">The history.</param>
    public static (string Message, string Remedy)? Of(PostgreSqlStatement statement, PostgreSqlHistory history) => statement switch
    {
        { IsCopyFromClient: true } => CopyIn(statement.CopyData),
        { IsCopyToClient: true } => (
            "COPY … TO STDOUT sends rows to the client, and MigrationHost does not read them",
            "Remove it, write COPY … TO '/path' to have a file on the server, or export outside of the migrations (psql's \\copy)."),
        _ when HistoryChange.IsIn(statement, history) => (HistoryTable.NotForScripts(history.TableName), HistoryTable.UseResolve),
        _ when OtherEncoding(statement) => (ChangesEncoding, PostgreSqlEncoding.Remedy),
        _ => null,
    };

    private static (string Message, string Remedy) CopyIn(CopyData? data)
    {
        const string other = "or write COPY … FROM '/path' if the file is on the server";
        if (data is null)
            return ("COPY … FROM STDIN reads what psql sends, and MigrationHost sends nothing", $"Write INSERT statements, {other}.");
        var lines = data.Lines == 1 ? "the data line" : $"the {data.Lines} data lines";
        string?[] what =
        [
            $"Replace it and {lines} behind it{(data.Ended ? " (up to \\.)" : "")} by INSERT statements",
            data.HasNull ? " (\\N there is NULL)" : null,
            $": pg_dump writes them with --inserts or --column-inserts; {other}.",
        ];
        return ($"COPY … FROM STDIN reads {lines} behind it, which psql would send and MigrationHost does not", string.Concat(what));
    }

    private static bool OtherEncoding(PostgreSqlStatement statement)
    {
        if (statement.Begins("SET") && SetEncoding().Match(statement.Text) is { Success: true } set && IsOther(set))
            return true;
        return statement.Text.Contains(PostgreSqlEncoding.Setting, StringComparison.OrdinalIgnoreCase)
            && ConfigEncoding().Matches(statement.Text).Any(IsOther);
    }

    private static bool IsOther(Match match) =>
        match.Groups["to"].Value is { Length: > 0 } to
            && !PostgreSqlEncoding.IsUtf8(to)
            && !to.Equals("default", StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(
        """^SET\s+((SESSION|LOCAL)\s+)?("?client_encoding"?\s*(=|TO\b)|NAMES\b)\s*e?['"]?(?<to>[^\s'";]*)""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SetEncoding();

    [GeneratedRegex(
        """set_config\s*\(\s*e?'client_encoding'\s*(::\s*text)?\s*,\s*e?'(?<to>[^']*)'""",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex ConfigEncoding();
}
