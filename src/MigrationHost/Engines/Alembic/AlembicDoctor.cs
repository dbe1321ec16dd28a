using MigrationHost.Databases;

namespace MigrationHost.Engines.Alembic;

/// <summary>
/// What is wrong with a project, from Alembic's own answer. Each finding says where, what can happen, and the change to make.
/// </summary>
internal static class AlembicDoctor
{
    private const string Check = "alembic";

    /// <summary>The timeout of Python's sqlite3.connect(), in seconds.</summary>
    private const double PythonsPatience = 5;

    /// <param name="project">The project.</param>
    /// <param name="mismatch">Why Alembic's address is another database than ours; null if it is the same one or cannot be known.</param>
    /// <param name="options">Its settings.</param>
    /// <param name="sqlite">Whether the database is SQLite.</param>
    /// <param name="longestWait">How long a wait may last before MigrationHost ends it: <c>Timeouts:Lock</c>.</param>
    public static IEnumerable<DoctorCheck> Examine(AlembicProject project, string? mismatch, AlembicOptions options, bool sqlite,
        TimeSpan longestWait) =>
    [
        .. AlembicVersionTable.Check(project.Versions).Select(finding => DoctorCheck.Problem("versions", finding.Problem, finding.Remedy)),
        .. Address(project.Address, mismatch),
        .. Revisions(project, options.Target),
        .. Names(project, options),
        .. Env(project, sqlite),
        .. Waits(project, sqlite, longestWait),
    ];

    /// <summary>How long the SQLite driver waits for a lock, and where that is said; Python's default if it is not.</summary>
    public static (double Seconds, string File, int? Line) DriverPatience(AlembicProject project) =>
        project.Address.Options.GetValueOrDefault("timeout") is { } text
            && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var inAddress)
        ? (inAddress, project.Address.File!, project.Address.Line)
        : project.Env.Timeout is { } inCode ? (inCode.Seconds, project.EnvFile, inCode.Line)
        : (PythonsPatience, "", null);

    private static IEnumerable<DoctorCheck> Address(AlembicAddress address, string? mismatch)
    {
        if (address.Problem is { } problem)
            yield return At(DoctorResult.Problem, address.File!, address.Line,
                $"{problem}: Alembic does not know which database to migrate, and fails or migrates another one",
                "Write sqlalchemy.url = … with the address of this database, or set it in env.py from an environment variable.");
        else if (mismatch is not null)
            yield return At(DoctorResult.Problem, address.File!, address.Line,
                $"{mismatch} (from {address.Source}): Alembic would migrate that one, and this one would stay as it is",
                "Make sqlalchemy.url and ConnectionString name the same database.");
        if (address.DriverProblem is { } driver)
            yield return At(DoctorResult.Problem, address.File!, address.Line,
                $"the driver of the address cannot be imported: {driver.TrimEnd('.')}", AlembicErrors.DriverRemedy);
    }

    private static IEnumerable<DoctorCheck> Revisions(AlembicProject project, string target)
    {
        foreach (var problem in project.Problems)
            yield return At(DoctorResult.Problem, problem.File, problem.Line,
                $"{problem.Message.TrimEnd('.')}. Until then nothing is applied", "Correct the file.");
        if (project.Problems.Count > 0)
            yield break;
        if (project.Revisions.Count == 0)
            yield return DoctorCheck.Warning(Check, $"{string.Join(", ", project.Folders)} has no revisions",
                "'alembic revision -m …' makes the first one.");
        if (project.SeveralHeads && project.Heads.Select(project.Find).OfType<AlembicRevision>().ToList() is [.., var last] heads)
            yield return At(DoctorResult.Problem, last.File, last.Line,
                $"{AlembicErrors.Heads(heads)}: 'upgrade {target}' does not know which one is meant and fails",
                AlembicErrors.Join(project));
        else if (project.TargetProblem is { } problem)
            yield return DoctorCheck.Problem(Check, $"Target {target}: {problem.TrimEnd('.')}", "Correct Target.");
    }

    // Here too a message says what a start would end with.
    private static IEnumerable<DoctorCheck> Names(AlembicProject project, AlembicOptions options)
    {
        if (project.Several is { } several)
            yield return Refused(AlembicErrors.Several(project, several));
        if (options.VersionTable is null && project.Env.VersionTable?.Line is { } table)
            yield return Refused(AlembicErrors.NameInCode(project, table, nameof(options.VersionTable)));
        if (options.VersionTableSchema is null && project.Env.VersionTableSchema?.Line is { } schema)
            yield return Refused(AlembicErrors.NameInCode(project, schema, nameof(options.VersionTableSchema)));
    }

    /// <summary>What a start would end with.</summary>
    public static DoctorCheck Refused(MigrationException refusal) =>
        DoctorCheck.Problem(Check, refusal.Error.Message, refusal.Error.Hint!)
            with { File = refusal.Error.File, Line = refusal.Error.Line };

    private static IEnumerable<DoctorCheck> Env(AlembicProject project, bool sqlite)
    {
        var (env, file, versions) = (project.Env, project.EnvFile, project.Versions);
        foreach (var pool in env.Pools)
            yield return At(DoctorResult.Warning, file, pool.Line,
                $"{pool.Name} without poolclass=pool.NullPool: the pool keeps its connection open after the migration, with the locks "
                + "that an unfinished transaction has",
                "Write poolclass=pool.NullPool into this call.");
        foreach (var connection in env.NeverClosed)
            yield return At(DoctorResult.Problem, file, connection.Line,
                "a connection is opened and never closed: after an error its transaction stays open, and whoever writes next waits for it",
                $"Write: with {connection.Call}() as {connection.Name}:");
        foreach (var second in env.SecondConnections)
            yield return At(DoctorResult.Problem, file, second.Line,
                $"a second connection is opened while the one of line {second.First} is open: once one of them has written, the other "
                + "waits for it, and Alembic blocks itself",
                $"Use the connection of line {second.First}{(second.Name is { } name ? $" ({name})" : "")} for both, "
                + "or close that one first.");
        foreach (var line in env.WithoutTransaction)
        {
            yield return env.IsAsync ? NeverCommits(project, line)
                : At(DoctorResult.Problem, file, line,
                    "context.run_migrations() outside 'with context.begin_transaction()': SQLAlchemy 2 rolls back uncommitted work, "
                    + "and the tool reports success; an older one leaves a failed migration half applied",
                    "Write 'with context.begin_transaction():' around it.");
        }
        var begins = env.IsFuture || versions.SqlAlchemy is null || versions.SqlAlchemy >= AlembicVersionTable.BeginsByItself;
        foreach (var line in env.Uncommitted.Where(_ => begins))
            yield return NeverCommits(project, line);
        foreach (var line in env.SilencesLoggers.Where(_ => project.Logs))
            yield return At(DoctorResult.Warning, file, line,
                "fileConfig() without disable_existing_loggers=False: every logger made before falls silent, and an application seems "
                + "to hang although only its logging stopped",
                "Write disable_existing_loggers=False into this call.");
        if (env.NoMetadata is { } none)
            yield return At(DoctorResult.Warning, file, none,
                "target_metadata = None: 'revision --autogenerate' and 'alembic check' compare the database with nothing",
                "Set it to the models' metadata, for example SQLModel.metadata.");
        foreach (var call in env.Configures)
        {
            if (!call.CompareType && !(versions.Alembic >= AlembicVersionTable.ComparesTypes))
                yield return At(DoctorResult.Warning, file, call.Line,
                    "context.configure() without compare_type: before Alembic 1.12 a changed column type goes unnoticed",
                    "Write compare_type=True into this call.");
            if (sqlite && !call.Batch)
                yield return At(DoctorResult.Warning, file, call.Line,
                    "context.configure() without render_as_batch: SQLite supports few ALTER forms, so generated migrations may fail",
                    "Write render_as_batch=True into this call.");
        }
    }

    private static DoctorCheck NeverCommits(AlembicProject project, int line) => project.Env.IsAsync
        ? At(DoctorResult.Problem, project.EnvFile, line,
            "the asynchronous connection begins a transaction here that nobody commits: everything is rolled back at the end, and the "
            + "tool reports success",
            "Write 'async with connectable.begin() as connection:', or commit it after run_sync: await connection.commit()")
        : At(DoctorResult.Problem, project.EnvFile, line,
            "this statement begins a transaction that nobody commits (SQLAlchemy 2 begins one by itself), and Alembic's own becomes a "
            + "part of it: everything is rolled back at the end, and the tool reports success",
            "Commit it before context.begin_transaction(): connection.commit()");

    private static IEnumerable<DoctorCheck> Waits(AlembicProject project, bool sqlite, TimeSpan longestWait)
    {
        var (seconds, file, line) = DriverPatience(project);
        if (sqlite && file.Length > 0 && seconds > longestWait.TotalSeconds)
            yield return At(DoctorResult.Warning, file, line,
                $"a timeout of {seconds:0} s: the driver waits that long for a lock, silently, and cannot be interrupted meanwhile",
                $"Set a few seconds; MigrationHost ends the wait after {Duration.Say(longestWait)} (Timeouts:Lock).");
    }

    private static DoctorCheck At(DoctorResult result, string file, int? line, string message, string remedy) => new()
    {
        Check = Check,
        Result = result,
        Message = line is null ? $"{file}: {message}" : $"{file}:{line}: {message}",
        Remedy = remedy,
        File = file,
        Line = line,
    };
}
