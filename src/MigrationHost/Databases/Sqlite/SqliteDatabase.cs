using MigrationHost.Platform;
using MigrationHost.Scripts;
using Microsoft.Data.Sqlite;

namespace MigrationHost.Databases.Sqlite;

/// <summary>An SQLite file.</summary>
internal sealed class SqliteDatabase(string name, SqliteSettings settings, IHistoryForm form, bool showStatements, TimeProvider time)
    : IMigrationDatabase, IServesTools, IKnownBeforeOpening
{
    private readonly Lock _changing = new();
    private readonly SqliteDiagnosis _diagnosis = new(name, settings.Path, showStatements, time);
    private SqliteSession[] _sessions = [];

    /// <summary>How a connection of the driver is opened.</summary>
    public Action<SqliteConnection> OpenConnection { get; init; } = connection => connection.Open();

    /// <summary>The turn that another tool takes for the same migrations; null if there is none.</summary>
    public SqliteForeignTurn? ForeignTurn { get; init; }

    /// <summary>What is done to a file that is there for the first time.</summary>
    public Action<RawSqlite>? Created { get; init; }

    public DatabaseFacts Facts { get; } = new()
    {
        Dialect = SqliteDialect.Instance,
        TransactionalDdl = true,
        ToWrite = "the write lock",
        ToRead = "a read lock on the database",
    };

    public string Target => settings.Configured;

    public string Identity { get; } = BriefLook.Take(() => IdentityOf(settings.Path), settings.Path);

    public string Path => settings.Path;

    public TimeProvider Time => time;

    public SqliteHistory History { get; private set; } = new(form);

    public IReadOnlyList<string> Notes => settings.Notes;

    public IReadOnlyList<PlanWarning> Warnings => SqliteSecondName.Of(Path, Target) is { } warning ? [warning] : [];

    // A tool's session is known by its process, which has the file open.
    public IReadOnlyDictionary<string, string> ToolEnvironment { get; } = new Dictionary<string, string>();

    public MigrationError? WhyReadOnly => settings.ReadOnly ? ReadOnly().Error : null;

    public string? WhyNoDatabase => !File.Exists(Path) ? settings.MayCreate ? null : settings.Missing
        : !settings.IsEncrypted && SqliteFile.WhyNoDatabase(Path) is { } why ? $"{Target} {why}"
        : null;

    public TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(15);

    public Task RunAsync(Func<Task> run) => DedicatedThread.RunAsync(run);

    public ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken)
    {
        try
        {
            if (purpose != SessionPurpose.Inspect)
                TurnFile.RemoveLeftover(Path, time);
            var opened = purpose == SessionPurpose.Turn || !File.Exists(Path) ? null
                : purpose == SessionPurpose.Inspect ? OpenToInspect(mayBeImmutable: true, cancellationToken)
                : Open();
            var session = new SqliteSession(this, opened, purpose == SessionPurpose.Turn ? null : Open)
            {
                OpenToInspect = OpenToInspect,
            };
            lock (_changing)
                _sessions = [.. _sessions, session];
            return ValueTask.FromResult(new OpenAttempt(session));
        }
        catch (SqliteFailure failure)
        {
            throw Unreachable(failure);
        }
        catch (ConnectionLostException e)
        {
            return ValueTask.FromResult(new OpenAttempt(null, NotOpened(e)));
        }
    }

    public IHistoryForm Form => History.Form;

    public void Use(IHistoryForm other) => History = new SqliteHistory(other);

    /// <summary>Why the file cannot be opened, read or written.</summary>
    public MigrationException Unreachable(SqliteFailure failure) => SqliteErrors.Unreachable(settings, failure);

    /// <summary>What a run waits for if the application opens no connection yet.</summary>
    public Unavailable NotOpened(ConnectionLostException e) => new($"{Target} to be opened", e.Message, e.Remedy);

    /// <summary>Why nothing can be written, if that is known before a try.</summary>
    public MigrationException ReadOnly() => SqliteErrors.ReadOnly(settings);

    public void CreateFolder()
    {
        if (settings is { MayCreate: true, Folder: { } folder })
            Directory.CreateDirectory(folder);
    }

    public async ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken)
    {
        var diagnosis = TakeDiagnosis();
        if (diagnosis.Blockers.Any(blocker => blocker.ThisProcess))
        {
            // Whoever was in the way may have let go just now, and the commit not have been tried again yet: this process is blamed only
            // when seen twice.
            await Task.Delay(2 * PollInterval, time, cancellationToken).ConfigureAwait(false);
            diagnosis = TakeDiagnosis();
        }
        return _sessions.Any(session => session.WaitsForForeign) ? diagnosis with { Report = WithUnknown(diagnosis.Report) } : diagnosis;
    }

    /// <summary>Whether anybody is seen in the way of a session of ours in this state.</summary>
    public bool IsHeldUp(SqliteActivity session) => _diagnosis.IsHeldUp(session);

    public ValueTask<ToolDiagnosis> DiagnoseToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_diagnosis.TakeForTool(
            [.. _sessions.Where(session => session.IsConnected).Select(session => session.Activity)], processes));

    public IAsyncEnumerable<DoctorCheck> CheckAsync(CancellationToken cancellationToken) =>
        new SqliteDoctor(this, settings).CheckAsync(cancellationToken);

    public void Closed(SqliteSession session)
    {
        lock (_changing)
            _sessions = [.. _sessions.Where(other => other != session)];
    }

    private LockReport WithUnknown(LockReport report) => report with
    {
        Complete = false,
        Note = report.Note is null ? ForeignTurn?.Unknown : $"{report.Note}; {ForeignTurn?.Unknown}",
    };

    private LockDiagnosis TakeDiagnosis() => _diagnosis.Take(
    [
        .. _sessions.Where(session => session.IsConnected || session.Activity == SqliteActivity.WaitsForTurn)
            .Select(session => session.Activity),
    ]);

    private RawSqlite Open()
    {
        if (!settings.MayCreate && !File.Exists(Path))
            throw SqliteErrors.Missing(settings);
        if (settings.ReadOnly)
            return RawSqlite.Open(settings.ConnectionString(SqliteOpenMode.ReadOnly), OpenConnection);
        CreateFolder();
        var isNew = !File.Exists(Path);
        var mode = settings.MayCreate ? SqliteOpenMode.ReadWriteCreate : SqliteOpenMode.ReadWrite;
        var sqlite = RawSqlite.Open(settings.ConnectionString(mode), OpenConnection);
        if (isNew)
            Created?.Invoke(sqlite);
        return sqlite;
    }

    private static string IdentityOf(string path) =>
        FileStatus.Of(path) is { } file ? $"{file.Identity}"
        : System.IO.Path.GetDirectoryName(path) is { } above && FileStatus.Of(above) is { } folder
            ? $"{folder.Identity}/{System.IO.Path.GetFileName(path)}"
        : path;

    /// <summary>
    /// Opens for reading without leaving a trace: a connection to a WAL database at rest would create -wal
    /// and -shm, and leave them if it may only read.
    /// </summary>
    private RawSqlite OpenToInspect(bool mayBeImmutable, CancellationToken cancellationToken)
    {
        var atRest = mayBeImmutable ? FileAtRest.Of(Path, cancellationToken) : null;
        var connectionString = settings.ConnectionString(SqliteOpenMode.ReadOnly, immutable: atRest is not null);
        return RawSqlite.Open(connectionString, OpenConnection, atRest);
    }
}
