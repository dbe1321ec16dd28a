namespace MigrationHost.Http.Page;

/// <summary>One database: how far it is, who is in the way, what was done and what went wrong.</summary>
internal static class DatabaseSection
{
    private const int MostMigrations = 50;
    private const int MostStarts = 5;

    public static Html Of(PageModel model, DatabaseStatus status)
    {
        var phase = status.Phase.ToString();
        Html[] parts =
        [
            Bar(status),
            Elapsed(model, status),
            Failure(status),
            LockSection.Of(model, status),
            TimelineSection.Of(model, status),
            Pending(status),
            Starts(status),
            Failures(model, status),
        ];
        return Html.Of(
            $"""
            <section aria-label="database {status.Name}">
            <h2>{status.Name} <small>{status.Target}</small><span class="phase {phase}">{phase}</span></h2>
            {parts}
            </section>
            """);
    }

    private static Html Bar(DatabaseStatus status)
    {
        var (done, all) = (status.AppliedCount, status.AppliedCount + status.PendingCount);
        if (all == 0)
            return Html.Nothing;
        var bar = Html.Of($"<progress max=\"{all}\" value=\"{done}\" aria-label=\"migrations applied\"></progress>");
        return Html.Of($"<p>{bar} {done} of {all} applied{Statement(status.Running)}</p>");
    }

    private static Html Statement(RunningMigration? running)
    {
        if (running is not { Statement: > 0 })
            return Html.Nothing;
        var all = running.Statements is { } count ? Html.Of($" of {count}") : Html.Nothing;
        var place = (running.File, running.Line) switch
        {
            ({ } file, { } line) => Html.Of($", {Path.GetFileName(file)}:{line}"),
            (null, { } line) => Html.Of($", line {line}"),
            _ => Html.Nothing,
        };
        return Html.Of($", statement {running.Statement}{all}{place}");
    }

    private static Html Elapsed(PageModel model, DatabaseStatus status)
    {
        if (status.Phase is MigrationPhase.Ready or <= MigrationPhase.Stopped)
            return Html.Nothing;
        var (what, ms) = status.Running switch
        {
            { Version: { } version } one => ($"{version} {one.Description}", one.ElapsedMs),
            { } one => ("this migration", one.ElapsedMs),
            null => (status.Phase.ToString(), (long)(model.Now - status.Since).TotalMilliseconds),
        };
        var evidence = status.WaitingFor?.Activity is { } words and not WaitStatus.Waiting ? Html.Of($" · {words}") : Html.Nothing;
        var estimate = Estimate.Of(status, model.Status.Databases) is var (left, from)
            ? Html.Of($" · about {Duration.Say(left)} left (estimated from {from})")
            : Html.Nothing;
        return Html.Of($"<p>{what} for {PageTime.Running(ms)}{evidence}{estimate}</p>");
    }

    private static Html Failure(DatabaseStatus status)
    {
        if (status.Error is not { } error)
            return Html.Nothing;
        var remedy = error.Hint is { } hint ? LockSection.Remedy(hint) : Html.Nothing;
        var code = error.Code.ToString();
        return Html.Of($"<div class=\"error\"><p><b>{code}</b> (exit code {error.ExitCode}) {error.Message}</p>{remedy}</div>");
    }

    private static Html Pending(DatabaseStatus status)
    {
        if (status.Pending.Count == 0)
            return Html.Nothing;
        var shown = status.Pending.Take(MostMigrations)
            .Select(one => Html.Of($"<li><code>{one.Version}</code> {one.Description}{PlaceText.Begun(one)}</li>"));
        return Html.Of($"<details><summary>{status.PendingCount} pending</summary><ol>{shown}</ol></details>");
    }

    /// <summary>What was applied, by the start that did it: the latest first.</summary>
    private static Html Starts(DatabaseStatus status)
    {
        var starts = new List<List<AppliedMigration>>();
        foreach (var applied in status.Applied)
        {
            if (starts is [.., [.., var last] start] && last.AppliedBy == applied.AppliedBy)
                start.Add(applied);
            else
                starts.Add([applied]);
        }
        if (starts.Count == 0)
            return Html.Nothing;
        var latest = starts.TakeLast(MostStarts).Reverse().Select(Start);
        return Html.Of($"<details><summary>{status.AppliedCount} applied</summary><ul>{latest}</ul></details>");
    }

    private static Html Start(List<AppliedMigration> start)
    {
        var (first, last) = (start[0], start[^1]);
        var when = last.AppliedAt is { } at ? Html.Of($"{PageTime.At(at)} ") : Html.Nothing;
        var what = start.Count == 1
            ? Html.Of($"<code>{last.Version}</code> {last.Description}")
            : Html.Of($"<code>{first.Version}</code> to <code>{last.Version}</code>");
        return Html.Of($"<li>{when}{what} by {first.AppliedBy}, {Duration.Say(start.Sum(one => one.DurationMs ?? 0))}</li>");
    }

    private static Html Failures(PageModel model, DatabaseStatus status)
    {
        var failures = model.TimelineOf(status).Failures;
        if (!model.Full || failures.Count == 0)
            return Html.Nothing;
        var shown =
            from failure in failures.Reverse()
            let error = failure.Error
            let what = Html.Of($"<b>{error.Code.ToString()}</b> {error.Message} <small>{error.Hint}</small>")
            select Html.Of($"<li>{PageTime.At(failure.At)} {what}</li>");
        var attempts = failures.Count == 1 ? "attempt" : "attempts";
        return Html.Of($"<details><summary>{failures.Count} failed {attempts}</summary><ul>{shown}</ul></details>");
    }
}
