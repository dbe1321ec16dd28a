namespace MigrationHost.Databases.MySql;

/// <summary>
/// What a script has said to its session, which is gone with the session: what of it can be said again for what is left of the script, and
/// what is lost, so that what is left would read something else, silently.
/// </summary>
internal sealed class SessionValues
{
    // What is used up, or moves on, with the statement behind it.
    private static readonly string[] UsedUp = ["@@insert_id", "@@last_insert_id", "@@identity", "@@rand_seed1", "@@rand_seed2"];

    private readonly List<MySqlStatement> _all;
    private readonly int _done;
    private readonly Func<MySqlStatement, List<MySqlToken>> _read;
    private readonly bool _schemaIsKnown;
    private readonly bool _isBlind;

    /// <summary>Variables that a function or trigger mentions, which any statement may run.</summary>
    private readonly HashSet<string> _inFunctions;

    /// <summary>Variables that a procedure mentions, or a text that may run as a statement.</summary>
    private readonly HashSet<string> _inTexts;
    private readonly HashSet<string> _everywhere = new(StringComparer.OrdinalIgnoreCase);

    private readonly HashSet<string> _known = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, LostValue> _lost = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, MySqlStatement> _prepared = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<MySqlStatement> _settings = [];

    /// <param name="all">The statements of the script.</param>
    /// <param name="done">How many of them are done.</param>
    /// <param name="routines">All routines and triggers, their texts null if they may not be read.</param>
    public SessionValues(IReadOnlyList<MySqlStatement> all, int done, IReadOnlyCollection<(string? Text, bool IsProcedure)> routines)
    {
        var tokens = all.ToDictionary(
            statement => statement.Number, statement => MySqlToken.Read(statement.Text, statement.HasBackslashEscapes));
        (_all, _done, _read, _isBlind) = ([.. all], done, statement => tokens[statement.Number], routines.Any(one => one.Text is null));
        _schemaIsKnown = !all.Take(done).Any(statement => statement.Begins("USE"));
        var bodies = routines.Concat(
            from statement in all.Take(done)
            where statement.HasBody
            select ((string?)statement.Text, statement.RunsOthers || statement.Has("PROCEDURE")));
        (_inTexts, _inFunctions) = (MentionedBy(bodies, ofProcedures: true), MentionedBy(bodies, ofProcedures: false));
        foreach (var one in tokens.Values.SelectMany(one => one))
        {
            _everywhere.UnionWith(one.Kind == MySqlTokenKind.Variable ? [one.Text] : []);
            _inTexts.UnionWith(one.Kind == MySqlTokenKind.Literal ? MySqlToken.Mentioned(one.Text) : []);
        }
        foreach (var statement in all.Take(done))
            Follow(statement);
        Lost = FirstLost();
        ToSayAgain = [.. Said().DistinctBy(one => one.By.Number).OrderBy(one => one.By.Number)];
    }

    /// <summary>The first statement that needs a value which cannot be brought back, and that value; null if there is none.</summary>
    public (MySqlStatement Reader, LostValue Value)? Lost { get; }

    /// <summary>What brings back what the rest needs, and the statements that it comes from.</summary>
    public IReadOnlyList<(MySqlStatement By, string Text)> ToSayAgain { get; }

    private void Follow(MySqlStatement statement)
    {
        var tokens = _read(statement);
        if (statement.Begins("SET") && statement.IsSetting)
            FollowSet(statement, MySqlAssignment.OfSet(tokens));
        else if (NameOfPrepared(tokens, "PREPARE") is { } made)
        {
            (_prepared[made], _) = (statement, _lost.Remove(made));
            if (!IsKnown(tokens[3..], ofSession: false))
                Lose(made, statement, LostKind.Prepared);
        }
        else if (NameOfPrepared(tokens, "DEALLOCATE", "DROP") is { } gone)
            (_, _) = (_prepared.Remove(gone), _lost.Remove(gone));
        else if (!statement.IsSetting)
            FollowOther(statement, tokens);
    }

    // A SET is said again as a whole, or not at all.
    private void FollowSet(MySqlStatement statement, List<MySqlAssignment> set)
    {
        var isKnown = set.TrueForAll(one => IsKnown(one.From!, one.IsOfSession));
        foreach (var one in set.SelectMany(one => MySqlAssignment.Within(one.From!)))
            Lose(one.What.Name, statement, LostKind.Variable);
        foreach (var one in set)
        {
            if (!isKnown)
                Lose(one.Name, statement, one.IsOfSession ? LostKind.OfSession : LostKind.Variable);
            else
                (_, _) = (_lost.Remove(one.Name), _known.Add(one.Name));
        }
        if (isKnown)
            _settings.Add(statement);
    }

    private void FollowOther(MySqlStatement statement, List<MySqlToken> tokens)
    {
        var runsOthers = statement.RunsOthers;
        string[] hidden = [.. _inFunctions, .. runsOthers ? _inTexts : [], .. runsOthers && _isBlind ? _everywhere : []];
        foreach (var name in hidden.Where(name => !_lost.ContainsKey(name)))
            Lose(name, statement, LostKind.Hidden);
        if (!statement.HasBody || runsOthers)
        {
            foreach (var (what, _) in MySqlAssignment.Within(tokens))
                Lose(what.Name, statement, LostKind.Variable);
        }
        foreach (var one in tokens.Where(one => runsOthers && one.Kind == MySqlTokenKind.Variable))
            Lose(one.Text, statement, LostKind.Variable);
        foreach (var said in _settings.FindAll(IsUsedUp))
        {
            _settings.Remove(said);
            foreach (var one in MySqlAssignment.OfSet(_read(said)).Where(one => Array.IndexOf(UsedUp, one.Name) < 0))
                Lose(one.Name, said, one.IsOfSession ? LostKind.OfSession : LostKind.Variable);
        }
    }

    private bool IsUsedUp(MySqlStatement set) =>
        MySqlAssignment.OfSet(_read(set)).Exists(one => Array.IndexOf(UsedUp, one.Name) >= 0);

    private void Lose(string name, MySqlStatement by, LostKind kind) =>
        (_, _lost[name]) = (_known.Remove(name), new LostValue(name, by.Number, kind));

    private bool IsKnown(IReadOnlyList<MySqlToken> from, bool ofSession) => MySqlConstant.Is(
        from,
        ofSession,
        name => name.StartsWith("@@", StringComparison.Ordinal) ? !_lost.ContainsKey(name) : _known.Contains(name),
        _schemaIsKnown);

    private (MySqlStatement, LostValue)? FirstLost()
    {
        var lost = new Dictionary<string, LostValue>(_lost, _lost.Comparer);
        foreach (var statement in _all.Skip(_done).TakeWhile(_ => lost.Count > 0))
        {
            var tokens = _read(statement);
            var set = statement.Begins("SET") && statement.IsSetting ? MySqlAssignment.OfSet(tokens) : null;
            var within = set is null && !statement.HasBody ? MySqlAssignment.Within(tokens) : [];
            if (Reads(statement, tokens, set, within, lost).FirstOrDefault(lost.ContainsKey) is { } name)
            {
                var isNamed = tokens.Exists(token => token.Text.Equals(name, StringComparison.OrdinalIgnoreCase));
                return (statement, lost[name] with { IsReadWithin = !isNamed });
            }
            foreach (var one in set ?? [.. within.Select(one => one.What)])
                lost.Remove(one.Name);
            if (NameOfPrepared(tokens, "PREPARE", "DEALLOCATE", "DROP") is { } prepared)
                lost.Remove(prepared);
        }
        return null;
    }

    private IEnumerable<string> Reads(
        MySqlStatement statement,
        List<MySqlToken> tokens,
        List<MySqlAssignment>? set,
        List<(MySqlAssignment What, int At)> within,
        Dictionary<string, LostValue> lost)
    {
        var targets = within.ConvertAll(one => one.At);
        var read = set is null ? tokens.Where((_, i) => !targets.Contains(i)) : set.SelectMany(one => one.From!);
        foreach (var one in read)
        {
            if (one.Kind is MySqlTokenKind.Variable)
                yield return one.Text;
            else if (one.Kind is MySqlTokenKind.System)
                yield return MySqlAssignment.NameOf(one.Text);
        }
        if (NameOfPrepared(tokens, "EXECUTE") is { } executed)
            yield return executed;
        if (statement.IsSetting || NameOfPrepared(tokens, "DEALLOCATE", "DROP") is not null)
            yield break;
        foreach (var name in lost.Values.Where(one => one.Kind == LostKind.OfSession).Select(one => one.Name))
            yield return name;
        foreach (var name in statement.RunsOthers ? [.. _inTexts, .. _inFunctions] : _inFunctions)
        {
            // What a routine sets for itself alone is nobody's loss.
            if (lost.TryGetValue(name, out var one) && one.Kind == LostKind.Variable)
                yield return name;
        }
    }

    private IEnumerable<(MySqlStatement By, string Text)> Said()
    {
        foreach (var setting in _settings)
            yield return (setting, setting.Text);
        if (LastUse(_done) is { } use)
            yield return (use, use.Text);
        foreach (var (name, made) in _prepared)
        {
            var needed = _all.Skip(_done).Select(_read).TakeWhile(tokens => NameOfPrepared(tokens, "PREPARE") != name).ToList();
            if (needed.Exists(tokens => NameOfPrepared(tokens, "EXECUTE") == name))
            {
                yield return (made, made.Text);
                if (LastUse(made.Number) is { } before)
                    yield return (before, before.Text);
            }
            else if (needed.Exists(tokens => NameOfPrepared(tokens, "DEALLOCATE", "DROP") == name))
                yield return (made, $"PREPARE {MySqlName.Quoted(name)} FROM 'DO 0'");
        }
    }

    private MySqlStatement? LastUse(int upTo) => _all.Take(upTo).LastOrDefault(statement => statement.Begins("USE"));

    private static HashSet<string> MentionedBy(IEnumerable<(string? Text, bool IsProcedure)> routines, bool ofProcedures) =>
        routines.Where(one => one.IsProcedure == ofProcedures)
            .SelectMany(one => MySqlToken.Mentioned(one.Text ?? ""))
            .ToHashSet(StringComparer.OrdinalIgnoreCase);

    // PREPARE p FROM …, EXECUTE p, DEALLOCATE PREPARE p, DROP PREPARE p.
    private static string? NameOfPrepared(List<MySqlToken> tokens, params ReadOnlySpan<string> verbs)
    {
        foreach (var verb in verbs)
        {
            var at = verb is "DEALLOCATE" or "DROP" ? 2 : 1;
            if (tokens.Count > at && tokens[0].IsWord(verb) && (at == 1 || tokens[1].IsWord("PREPARE"))
                && tokens[at].Kind is MySqlTokenKind.Word or MySqlTokenKind.Name && !tokens[at].IsWord("IMMEDIATE"))
                return tokens[at].Text.ToLowerInvariant();
        }
        return null;
    }
}
