using MigrationHost.Databases;

namespace MigrationHost.Engines.Alembic;

/// <summary>What is wrong with a project: a pure function of its files. Each finding says where, what can happen, and the change to make.</summary>
internal static class AlembicDoctor
{
    private const string Check = "alembic";

    /// <summary>The timeout of Python's sqlite3.connect(), in seconds.</summary>
    private const double PythonsPatience = 5;

    /// <param name="project">The project.</param>
    /// <param name="address">The address that Alembic will use.</param>
    /// <param name="mismatch">Why that is another database than ours; null where it is the same one or cannot be known.</param>
    /// <param name="target">The configured target.</param>
    /// <param name="sqlite">Whether the database is SQLite.</param>
    /// <param name="versions">What runs it.</param>
    /// <param name="longestWait">How long a wait may last before MigrationHost ends it: <c>Timeouts:Lock</c>.</param>
    public static IEnumerable<DoctorCheck> Examine(AlembicProject project, AlembicAddress address, string? mismatch, string target, bool sqlite, AlembicVersions versions, TimeSpan longestWait) =>
    [
        .. Address(address, mismatch, project),
        .. Revisions(project, target),
        .. project.Env is null ? [At(DoctorResult.Problem, project.EnvFile, null, "cannot be read", "Give this process's user the right to read it.")] : Env(project.Env, project.Ini, sqlite, versions),
        .. Waits(address, project, sqlite, longestWait),
        .. Versions(versions),
    ];

    /// <summary>How long the SQLite driver waits for a lock, and where that is said; Python's default where it is not.</summary>
    public static (double Seconds, string File, int? Line) DriverPatience(AlembicAddress address, AlembicProject project) =>
        address.Url?.Options.GetValueOrDefault("timeout") is { } text && double.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, out var inAddress)
        ? (inAddress, address.File ?? project.Ini.File, address.Line)
        : project.Env?.DriverTimeout is { } inCode ? (inCode.Seconds, project.EnvFile, (int?)inCode.Line)
        : (PythonsPatience, "", null);

    private static IEnumerable<DoctorCheck> Address(AlembicAddress address, string? mismatch, AlembicProject project)
    {
        if (address.Problem is { } problem)
            yield return At(DoctorResult.Problem, address.File!, address.Line, $"{problem}: Alembic does not know which database to migrate, and ends with an error or migrates another one", "Write sqlalchemy.url = … with the address of this database, or set it in env.py from an environment variable.");
        else if (mismatch is not null)
            yield return At(DoctorResult.Problem, address.File ?? project.Ini.File, address.Line, $"{mismatch} (from {address.Source}): Alembic would migrate that one, and this one would stay as it is", "Make sqlalchemy.url and ConnectionString name the same database.");
    }

    private static IEnumerable<DoctorCheck> Revisions(AlembicProject project, string target)
    {
        foreach (var problem in project.Problems)
            yield return At(DoctorResult.Problem, problem.File, problem.Line, $"{problem.Message}. Until then nothing is applied", "Correct the file.");
        if (project.Problems.Count > 0)
            yield break;
        if (project.Graph.All.Count == 0)
            yield return DoctorCheck.Warning(Check, $"{string.Join(", ", project.VersionFolders)} has no revisions", "'alembic revision -m …' makes the first one.") with { File = project.Ini.File };
        if (target == "head" && project.Graph.Heads is { Count: > 1 } heads)
            yield return At(DoctorResult.Problem, heads[^1].File, heads[^1].DownLine, $"there are {heads.Count} heads ({string.Join(", ", heads.Select(head => $"{head.Id} in {head.File}"))}): 'upgrade head' does not know which one is meant and fails", $"Join them: alembic merge -m \"merge\" {string.Join(' ', heads.Select(head => head.Id))}; or set Target to heads.");
        else if (AlembicTarget.Resolve(project.Graph, target).Problem is { } problem)
            yield return At(DoctorResult.Problem, project.Ini.File, null, $"Target: {problem}", "Correct Target.");
    }

    private static IEnumerable<DoctorCheck> Env(AlembicEnvFile env, AlembicIni ini, bool sqlite, AlembicVersions versions)
    {
        foreach (var call in env.Pools)
            yield return At(DoctorResult.Warning, env.File, call.Line, $"{call.Name} without poolclass=pool.NullPool: the pool keeps its connection open after the migration, with the locks that an unfinished transaction has", "Write poolclass=pool.NullPool into this call.");
        foreach (var connection in env.Connections.NeverClosed)
            yield return At(DoctorResult.Problem, env.File, connection.Line, "a connection is opened and never closed: after an error its transaction stays open, and whoever writes next waits for it", $"Write: with {connection.Call.Receiver}.{connection.Call.Name}() as {connection.Name}:");
        foreach (var (second, first) in env.Connections.WhileAnotherIsOpen())
            yield return At(DoctorResult.Problem, env.File, second.Line, $"a second connection is opened while the one of line {first.Line} is open: once one of them has written, the other waits for it, and Alembic blocks itself", $"Use the connection of line {first.Line}{(first.Name is { } name ? $" ({name})" : "")} for both, or close that one first.");
        foreach (var call in env.WithoutTransaction)
            yield return env.IsAsync ? NeverCommits(env, call)
                : At(DoctorResult.Problem, env.File, call.Line, "context.run_migrations() outside 'with context.begin_transaction()': SQLAlchemy 2 rolls back what nobody commits, and the tool reports success; an older one leaves a failed migration half applied", "Write 'with context.begin_transaction():' around it.");
        foreach (var call in env.BeginsUncommitted.Where(_ => env.IsFuture || versions.SqlAlchemy is null || versions.SqlAlchemy >= AlembicVersionTable.BeginsByItself))
            yield return NeverCommits(env, call);
        foreach (var call in env.SilencesLoggers.Where(_ => ini.ConfiguresLogging))
            yield return At(DoctorResult.Warning, env.File, call.Line, "fileConfig() without disable_existing_loggers=False: every logger made before falls silent, and an application looks hung from here on when only its log is gone", "Write disable_existing_loggers=False into this call.");
        if (env.NoMetadataLine is { } line)
            yield return At(DoctorResult.Warning, env.File, line, "target_metadata = None: 'revision --autogenerate' and 'alembic check' compare the database with nothing", "Set it to the models' metadata, for example SQLModel.metadata.");
        foreach (var call in env.Configures.Where(call => !call.TakesMore))
        {
            if (!call.Named.ContainsKey("compare_type") && !(versions.Alembic >= AlembicVersionTable.ComparesTypes))
                yield return At(DoctorResult.Warning, env.File, call.Line, "context.configure() without compare_type: before Alembic 1.12 a changed column type goes unnoticed", "Write compare_type=True into this call.");
            if (sqlite && !call.Named.ContainsKey("render_as_batch"))
                yield return At(DoctorResult.Warning, env.File, call.Line, "context.configure() without render_as_batch: SQLite has hardly any ALTER, so that generated migrations fail on it", "Write render_as_batch=True into this call.");
        }
    }

    private static DoctorCheck NeverCommits(AlembicEnvFile env, PythonCall call) => env.IsAsync
        ? At(DoctorResult.Problem, env.File, call.Line, "the asynchronous connection begins a transaction here that nobody commits: everything is rolled back at the end, and the tool reports success", "Write 'async with connectable.begin() as connection:', or commit it after run_sync: await connection.commit()")
        : At(DoctorResult.Problem, env.File, call.Line, "this statement begins a transaction that nobody commits (SQLAlchemy 2 begins one by itself), and Alembic's own becomes a part of it: everything is rolled back at the end, and the tool reports success", "Commit it before context.begin_transaction(): connection.commit()");

    private static IEnumerable<DoctorCheck> Waits(AlembicAddress address, AlembicProject project, bool sqlite, TimeSpan longestWait)
    {
        var (seconds, file, line) = DriverPatience(address, project);
        if (sqlite && file.Length > 0 && seconds > longestWait.TotalSeconds)
            yield return At(DoctorResult.Warning, file, line, $"a timeout of {seconds:0} s: the driver waits as long for a lock, without a word, and cannot be interrupted meanwhile", $"Set a few seconds; MigrationHost ends the wait after {Duration.Say(longestWait)} (Timeouts:Lock).");
    }

    private static IEnumerable<DoctorCheck> Versions(AlembicVersions versions) =>
        AlembicVersionTable.Check(versions).Select(finding => DoctorCheck.Problem("versions", finding.Problem, finding.Remedy));

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
