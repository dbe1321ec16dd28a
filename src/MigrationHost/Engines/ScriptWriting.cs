using System.Text;
using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>Writes what a run would do as a script for the database's own client.</summary>
internal sealed class ScriptWriting(IMigrationDatabase database, PlanReader reader, Watch watch, TimeProvider time)
{
    private readonly StringBuilder _text = new();

    /// <param name="session">The open database.</param>
    /// <param name="set">What the source holds.</param>
    /// <param name="from">The migration behind which it begins, or <see cref="BeforeAll"/>; null for what is pending.</param>
    /// <param name="to">The last migration; null for all.</param>
    /// <exception cref="MigrationException">There is no such version, or what is to run is refused.</exception>
    public async Task<WrittenScript> RunAsync(IDatabaseSession session, MigrationSet set, string? from, string? to)
    {
        var last = to is null ? null : Known(set, reader.IdOf(to, "--to"), "--to");
        var plan = await reader.PlanAsync(watch, session, set, from is null ? last : null).ConfigureAwait(false);
        var isAll = BeforeAll.IsMeant(from, set.Migrations.Select(migration => migration.Version));
        var after = from is null || isAll ? null : Known(set, reader.IdOf(from, "--from"), "--from");
        var migrations = from is null ? PendingOf(plan) : Range(set, after, last);
        ScriptProblem.ThrowIfAny([.. ScriptFinding.ToProblems(migrations.SelectMany(migration => migration.Findings))], []);
        var toRun = set.ToRun(migrations);
        var leftOut = ScriptReviews.Of(watch, session, toRun);

        var client = session.ForClient;
        Head(set, migrations, client);
        if (migrations.Count > 0)
            Line(client.Preamble);
        if (migrations.Count > 0 && (isAll || from is null && plan.Begins))
            Part($"the history ({database.Form.Table})", client.Create());
        foreach (var migration in toRun)
            Write(migration, isCallback: !migrations.Contains(migration), leftOut.LeavesOut(migration), client);
        return new WrittenScript(_text.ToString(), migrations, client.HowToRun);
    }

    private void Head(MigrationSet set, IReadOnlyList<Migration> migrations, ClientScript client)
    {
        var what = migrations switch
        {
            [] => "nothing is pending",
            [var only] => $"migration {only.Version}",
            _ => $"{migrations.Count} migrations, {migrations[0].Version} to {migrations[^1].Version}",
        };
        Line($"-- {PlainText.Line($"{what} of {set.Place}, for {database.Target}")}\n-- written by MigrationHost {Instance.Version}");
        if (migrations.Count > 0)
            Line($"-- run it with: {client.HowToRun("FILE")}");
    }

    private void Write(Migration migration, bool isCallback, bool leavesOut, ClientScript client)
    {
        var text = watch.Read(migration);
        if ((leavesOut ? PlainPair.Without(text) : text) is not { } kept)
            throw Invalid($"{migration.File}: has a BEGIN and a COMMIT that cannot be left out of the script; remove them from the file");
        var sql = Encoding.UTF8.GetString(kept.Utf8).TrimEnd();
        var record = isCallback ? "" : client.Record(Entry(migration));
        var title = isCallback ? migration.File : $"{migration.Version} {migration.Description} ({migration.File})";
        var statements = $"{client.Statements(sql)}\n;\n{record}";
        var (before, after) = (client.Before(migration.Header), client.After(migration.Header));
        if (!database.Facts.RunsInTransaction(migration, text))
        {
            Part(
                $"{title}: NOT in a transaction; if it breaks, run the rest of this part by hand, then the parts behind it",
                $"{before}{statements}{after}");
        }
        else
            Part($"{title}: in a transaction", $"{before}{client.Begin}{statements}COMMIT;\n{after}");
    }

    private void Part(string title, string sql) => Line($"\n-- ==== {PlainText.Line(title)}\n{sql}");

    private void Line(string text) => _text.Append(text.TrimEnd('\n')).Append('\n');

    // What is done of a migration would be done a second time.
    private static IReadOnlyList<Migration> PendingOf(MigrationPlan plan) =>
        plan.ThrowIfRefused().Begun.FirstOrDefault() is not { StatementsDone: { } done } begun ? plan.Pending
        : throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.HistoryMismatch,
            Message = $"migration {begun.Version} was begun and is not finished ({PlaceText.Done(done)}): "
                + "a script would run all of it, from its first statement on",
            Version = begun.Version,
            Hint = "Nothing was written. 'migrationhost migrate' continues it. Or look at the database, then say "
                + $"'migrationhost resolve {begun.Version} --applied' once all of it is done, or '--retry' once nothing of it is left.",
        });

    private static List<Migration> Range(MigrationSet set, string? after, string? last)
    {
        if (after is not null && last is not null && set.Order.Compare(after, last) > 0)
            throw Invalid($"--from {after} comes after --to {last}");
        return
        [
            .. set.Migrations.Where(migration =>
                (after is null || set.Order.Compare(migration.Version, after) > 0)
                && (last is null || set.Order.Compare(migration.Version, last) <= 0)),
        ];
    }

    private static string Known(MigrationSet set, string version, string setting) =>
        set.Migrations.Any(migration => migration.Version == version) ? version
        : throw Invalid($"{setting} {version}: {set.Place} has no such version{set.Nearest(version)}");

    private HistoryEntry Entry(Migration migration) => new()
    {
        Version = migration.Version,
        Description = migration.Description,
        Checksum = migration.Checksum,
        AppliedAt = time.GetUtcNow(),
        DurationMs = 0,
        AppliedBy = "script",
        State = HistoryState.Applied,
        IsBreaking = migration.Header.IsBreaking,
    };

    private static MigrationException Invalid(string message) =>
        new(new MigrationError { Code = MigrationErrorCode.InvalidConfiguration, Message = message });
}
