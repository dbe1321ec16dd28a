using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>The one object that a statement creates, changes or drops, and whose own definition shows whether it did.</summary>
/// <param name="Kind">TABLE, VIEW, PROCEDURE, FUNCTION or TRIGGER: what SHOW CREATE is asked for.</param>
/// <param name="Schema">Its database, not quoted; null for the session's.</param>
/// <param name="Name">Its name, not quoted.</param>
internal sealed partial record CatalogObject(string Kind, string? Schema, string Name)
{
    /// <summary>The fingerprint of what is not there.</summary>
    private const string Absent = "absent";

    private const string HowItPrints = "SELECT @@SESSION.sql_mode, @@SESSION.sql_quote_show_create, @@SESSION.time_zone";

    // Names are quoted by the first two, and a TIMESTAMP's default is printed in the third.
    private const string PrintAlwaysSo = "SET SESSION sql_mode = '', SESSION sql_quote_show_create = 1, SESSION time_zone = '+00:00'";

    private static readonly string[] Routines = ["PROCEDURE", "FUNCTION"];

    // In which column SHOW CREATE has the definition.
    private int Column => Kind is "TABLE" or "VIEW" ? 1 : 2;

    private string Quoted => Schema is null ? MySqlName.Quoted(Name) : MySqlName.Quoted(Schema, Name);

    public override string ToString() => $"{Kind.ToLowerInvariant()} {Name}";

    /// <summary>The object of a statement; null if it has several, or its effect does not show in the definition of one.</summary>
    /// <remarks>
    /// What is not listed here is left to a human after a break: several objects (DROP TABLE a, missing drops a and fails), TRUNCATE,
    /// FORCE, CREATE … SELECT, OR REPLACE, GRANT, and what moves rows between partitions.
    /// </remarks>
    public static CatalogObject? Of(MySqlStatement statement)
    {
        var words = statement.Words;
        if (words.Count < 3 || words[0].Quoted)
            return null;
        return words[0].Text.ToUpperInvariant() switch
        {
            "CREATE" => OfCreate(statement),
            "ALTER" => OfAlter(statement),
            "DROP" => OfDrop(statement),
            "RENAME" when words[1].Is("TABLE") && !statement.Has(",") => NamedAt("TABLE", words, SkipIfs(words, 2)),
            _ => null,
        };
    }

    /// <summary>What its definition is now, in short, whatever the settings are that the server prints definitions by.</summary>
    /// <param name="link">The connection.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MySqlException">A lock is in the way, or a right is missing.</exception>
    public async Task<string> FingerprintAsync(MySqlLink link, CancellationToken cancellationToken)
    {
        string? restore = null;
        try
        {
            var rows = await link.QueryAsync(
                $"{HowItPrints};\n{PrintAlwaysSo};\nSHOW CREATE {Kind} {Quoted}",
                row => restore is null ? restore = Restoring(row) : row.IsDBNull(Column) ? "" : row.GetString(Column),
                cancellationToken).ConfigureAwait(false);
            return rows is [_, var definition, ..]
                ? Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Changing().Replace(definition, ""))), 0, 16)
                : Absent;
        }
        catch (MySqlException missing) when (missing.ErrorCode is MySqlErrorCode.NoSuchTable or MySqlErrorCode.StoredProcedureDoesNotExist
            or MySqlErrorCode.TriggerDoesNotExist or MySqlErrorCode.UnknownDatabase or MySqlErrorCode.WrongObject)
        {
            return Absent;
        }
        finally
        {
            if (restore is not null)
                await link.ExecuteAsync(cancellationToken, restore).ConfigureAwait(false);
        }
    }

    private static string Restoring(MySqlDataReader row) => string.Create(
        CultureInfo.InvariantCulture,
        $"SET SESSION sql_mode = {MySqlText.Literal(row.GetString(0))}, SESSION sql_quote_show_create = {row.GetValue(1)}, "
            + $"SESSION time_zone = {MySqlText.Literal(row.GetString(2))}");

    private static CatalogObject? OfCreate(MySqlStatement statement)
    {
        var words = statement.Words;
        if (statement.Begins("CREATE", "OR"))
            return null;
        var at = IndexOfKind(words);
        if (at < 0)
            return null;
        var kind = words[at].Text.ToUpperInvariant();
        return kind switch
        {
            "INDEX" => OfIndex(words, at),
            "TABLE" when statement.Selects || statement.Has("AS") || statement.Has("TEMPORARY") => null,
            "EVENT" => null,
            _ => NamedAt(kind, words, SkipIfs(words, at + 1)),
        };
    }

    private static CatalogObject? OfAlter(MySqlStatement statement)
    {
        var words = statement.Words;
        var at = IndexOfKind(words);
        if (at < 0 || words[at].Is("EVENT") || words[at].Is("INDEX") || words[at].Is("TRIGGER"))
            return null;
        var isHidden = words[at].Is("TABLE") && words.Skip(at + 1).Any(word => Array.Exists(Hidden, word.Is));
        return isHidden ? null : NamedAt(words[at].Text.ToUpperInvariant(), words, SkipIfs(words, at + 1));
    }

    // What an ALTER TABLE may do that its definition does not show, or that changes a second table.
    private static readonly string[] Hidden = ["FORCE", "EXCHANGE", "TRUNCATE", "IMPORT", "DISCARD", "ORDER", "CONVERT"];

    private static CatalogObject? OfDrop(MySqlStatement statement)
    {
        var words = statement.Words;
        var at = IndexOfKind(words);
        if (at < 0 || statement.Has(",") || statement.Has("TEMPORARY") || words[at].Is("EVENT"))
            return null;
        return words[at].Is("INDEX") ? OfIndex(words, at) : NamedAt(words[at].Text.ToUpperInvariant(), words, SkipIfs(words, at + 1));
    }

    // The definition of its table has the index.
    private static CatalogObject? OfIndex(IReadOnlyList<MySqlWord> words, int at)
    {
        var on = at;
        while (on < words.Count && !words[on].Is("ON"))
            on++;
        return NamedAt("TABLE", words, on + 1);
    }

    private static CatalogObject? NamedAt(string kind, IReadOnlyList<MySqlWord> words, int at)
    {
        if (at >= words.Count)
            return null;
        return at + 2 < words.Count && words[at + 1].Is(".")
            ? new CatalogObject(kind, words[at].Text, words[at + 2].Text)
            : new CatalogObject(kind, null, words[at].Text);
    }

    // Behind ONLINE, UNIQUE, DEFINER = a@b.c, ALGORITHM = MERGE, SQL SECURITY INVOKER and their like.
    private static int IndexOfKind(IReadOnlyList<MySqlWord> words)
    {
        for (var i = 1; i < words.Count; i++)
        {
            if (words[i - 1].Is("."))
                continue;
            if (words[i].Is("TABLE") || words[i].Is("INDEX") || words[i].Is("VIEW") || words[i].Is("TRIGGER") || words[i].Is("EVENT")
                || Array.Exists(Routines, words[i].Is))
                return i;
            if (words[i].Is("DATABASE") || words[i].Is("SCHEMA") || words[i].Is("USER") || words[i].Is("ROLE") || words[i].Is("SEQUENCE")
                || words[i].Is("SERVER") || words[i].Is("PACKAGE") || words[i].Is("TABLESPACE") || words[i].Is("LOGFILE"))
                return -1;
        }
        return -1;
    }

    private static int SkipIfs(IReadOnlyList<MySqlWord> words, int at)
    {
        while (at < words.Count && (words[at].Is("IF") || words[at].Is("NOT") || words[at].Is("EXISTS")))
            at++;
        return at;
    }

    // The counter and what the statistics are kept by change without any statement of ours.
    [GeneratedRegex(@" (AUTO_INCREMENT|STATS_PERSISTENT|STATS_AUTO_RECALC|STATS_SAMPLE_PAGES)=\w+", RegexOptions.CultureInvariant)]
    private static partial Regex Changing();
}
