using System.Globalization;
using System.Text.RegularExpressions;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>What the statements of a script know of each other through their session, also if another session continues it, or a statement
/// is tried once more.</summary>
/// <param name="turn">The turn.</param>
/// <param name="script">The script.</param>
/// <param name="version">Its version.</param>
internal sealed partial class MySqlScriptSession(MySqlTurn turn, MySqlScript script, string version)
{
    private readonly MySqlLink _work = turn.Session.Work;
    private readonly bool _usesId = UsesId(script);
    private int _resumedBehind;
    private int _kept;
    private bool _hasBegun;

    /// <summary>Whether a session knows something of a statement afterwards that another script would read: a variable, or the last value
    /// of a sequence.</summary>
    public static bool Knows(string statement) => MySqlToken.Mentioned(statement).Any() || Next().IsMatch(statement);

    /// <summary>Takes away what an earlier script of this session has left: whether both run in one start must not matter.</summary>
    public static async Task BeginAsync(MySqlLink work, MySqlScript script, CancellationToken cancellationToken)
    {
        if (UsesId(script))
            await work.ExecuteAsync(cancellationToken, "SET SESSION last_insert_id = 0").ConfigureAwait(false);
    }

    /// <inheritdoc cref="BeginAsync(MySqlLink, MySqlScript, CancellationToken)"/>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        if (_hasBegun)
            return;
        await BeginAsync(_work, script, cancellationToken).ConfigureAwait(false);
        _hasBegun = true;
    }

    /// <summary>Says again what the rest of the script needs.</summary>
    /// <param name="count">How many statements are done.</param>
    /// <param name="run">Runs a text.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MigrationException">Something is lost, or refused now.</exception>
    public async Task ResumeAsync(int count, Func<MySqlStatement, string, Task> run, CancellationToken cancellationToken)
    {
        _resumedBehind = count;
        var values = new SessionValues(
            script.All,
            count,
            script.All.Any(statement => MySqlToken.Mentioned(statement.Text).Any())
                ? await RoutinesAsync(cancellationToken).ConfigureAwait(false)
                : Array.Empty<(string?, bool)>());
        if (values.Lost is var (reader, value))
            throw Lost(reader, value.Problem, value.Remedy(count + 1));
        foreach (var (by, text) in values.ToSayAgain)
        {
            try
            {
                await run(by, text).ConfigureAwait(false);
            }
            catch (MySqlException refused) when (!MySqlErrors.IsInTheWay(refused))
            {
                throw script.Failed(
                    by,
                    refused,
                    $"It is said again for what is left of the script, since the session that had heard it has ended. {FinishByHand}");
            }
        }
    }

    /// <summary>Refuses a statement that would read an id which the session that has ended was given.</summary>
    /// <exception cref="MigrationException">It does.</exception>
    public async Task RefuseLostIdAsync(MySqlStatement statement, CancellationToken cancellationToken)
    {
        if (!script.All.Take(_resumedBehind).Any(MayGiveId))
            return;
        if (ReadsId(statement)
            && Convert.ToDecimal(
                await _work.ScalarAsync("SELECT LAST_INSERT_ID()", cancellationToken).ConfigureAwait(false),
                CultureInfo.InvariantCulture) == 0)
            throw LostId(statement, "LAST_INSERT_ID()");
        foreach (Match sequence in OfSequence().Matches(statement.Text))
        {
            if (!statement.HasBody && await IsUnusedAsync(sequence.Groups["name"].Value, cancellationToken).ConfigureAwait(false))
                throw LostId(statement, $"the last value of {sequence.Groups["name"].Value}");
        }
    }

    /// <summary>Before a statement that changes what it reads: keeps that, or puts it back if the statement was refused before.</summary>
    /// <param name="statement">The statement.</param>
    /// <param name="runs">What it runs: itself, or a prepared statement.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public async Task KeepAsync(MySqlStatement statement, MySqlStatement runs, CancellationToken cancellationToken)
    {
        var again = _kept == statement.Number;
        (string Value, string Kept)[] pairs =
        [
            .. AssignedBy(runs.Text).Select(
                (name, i) => ($"@{MySqlName.Quoted(name[1..])}", $"@migrationhost_{i.ToString(CultureInfo.InvariantCulture)}")),
            .. _usesId && MayGiveId(runs) ? [("@@SESSION.last_insert_id", "@migrationhost_id")] : Array.Empty<(string, string)>(),
        ];
        _kept = statement.Number;
        if (pairs.Length == 0)
            return;
        var values = string.Join(", ", pairs.Select(pair => again ? $"{pair.Value} = {pair.Kept}" : $"{pair.Kept} = {pair.Value}"));
        await _work.ExecuteAsync(cancellationToken, $"SET {values}").ConfigureAwait(false);
    }

    private string FinishByHand => $"Finish the script by hand and run 'migrationhost resolve {version} --applied', "
        + $"or 'resolve {version} --retry' to run it from its first statement.";

    private MigrationException Lost(MySqlStatement reader, string problem, string remedy) => script.Failed(
        reader, problem, $"{remedy} Or finish it by hand and run 'migrationhost resolve {version} --applied'.");

    private MigrationException LostId(MySqlStatement reader, string what) => Lost(
        reader,
        $"reads {what}, which belongs to a session that has ended: its value cannot be found out any more",
        "Write the value into the script in its place, and start again.");

    // A routine that may not be read may do anything.
    private Task<List<(string? Text, bool IsProcedure)>> RoutinesAsync(CancellationToken cancellationToken)
    {
        string[] schemas =
        [
            turn.Session.Database.Schema,
            .. from statement in script.All
               from two in statement.Words.Zip(statement.Words.Skip(1))
               where two.Second.Is(".")
               select two.First.Text,
        ];
        var list = string.Join(", ", schemas.Distinct().Select(MySqlText.Literal));
        return _work.QueryAsync(
            $"SELECT routine_definition, routine_type FROM information_schema.routines WHERE routine_schema IN ({list}) "
                + "UNION ALL SELECT action_statement, 'TRIGGER' FROM information_schema.triggers "
                + $"WHERE trigger_schema IN ({list}) AND action_statement LIKE '%@%'",
            row => (row.IsDBNull(0) ? null : row.GetString(0), row.GetString(1) == "PROCEDURE"),
            cancellationToken);
    }

    private async Task<bool> IsUnusedAsync(string sequence, CancellationToken cancellationToken)
    {
        try
        {
            return await _work.ScalarAsync($"SELECT LASTVAL({sequence})", cancellationToken).ConfigureAwait(false) is null;
        }
        catch (MySqlException)
        {
            // The statement itself will say so.
            return false;
        }
    }

    // However a backslash is read.
    private static readonly bool[] Readings = [true, false];

    private static IEnumerable<string> AssignedBy(string text) => text.Contains('@', StringComparison.Ordinal)
        ? Readings
            .SelectMany(escapes => MySqlAssignment.Within(MySqlToken.Read(text, escapes)))
            .Select(one => one.What.Name)
            .Distinct(StringComparer.OrdinalIgnoreCase)
        : [];

    private static bool UsesId(MySqlScript script) => script.All.Any(statement => OfInsert().IsMatch(statement.Text));

    private static bool MayGiveId(MySqlStatement statement) =>
        !statement.IsSetting && (!statement.NeedsNoTransaction || statement.RunsOthers);

    // What runs a text may read it there. A block that inserts first reads the id of its own row.
    private bool ReadsId(MySqlStatement statement) =>
        statement.Begins("EXECUTE") ? _usesId
        : !statement.HasBody || statement.RunsOthers
            ? OfInsert().Match(statement.Text) is { Success: true } read
                && !(statement.RunsOthers && Inserting().IsMatch(statement.Text[..read.Index]))
        : false;

    [GeneratedRegex(
        @"\bLAST_INSERT_ID\s*\(\s*\)|@@((SESSION|LOCAL)\s*\.\s*)?(identity|last_insert_id)\b",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex OfInsert();

    [GeneratedRegex(@"\bNEXTVAL\b|\bNEXT\s+VALUE\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Next();

    [GeneratedRegex(@"\b(INSERT|REPLACE|CALL|EXECUTE)\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Inserting();

    private const string Sequence = @"(?<name>(`[^`]+`|[\w$]+)(\s*\.\s*(`[^`]+`|[\w$]+))?)";

    // The last one is that of sql_mode=ORACLE.
    [GeneratedRegex(
        @"\b(LASTVAL\s*\(|PREVIOUS\s+VALUE\s+FOR)\s*" + Sequence + "|(?<=" + Sequence + @"\s*\.\s*)CURRVAL\b",
        RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant)]
    private static partial Regex OfSequence();
}
