using MigrationHost.Databases.Connections;
using MigrationHost.Scripts;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>A database on a PostgreSQL server.</summary>
internal sealed class PostgreSqlDatabase : IMigrationDatabase, IServesTools
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestFirstAnswer = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(25);

    private readonly Lock _changing = new();
    private readonly PostgreSqlSettings _settings;
    private readonly PostgreSqlDiagnosis _diagnosis;
    private PostgreSqlSession[] _sessions = [];
    private int[] _leftBehind = [];

    public PostgreSqlDatabase(
        string name, PostgreSqlSettings settings, IHistoryForm form, Timeouts timeouts, bool showStatements, TimeProvider time)
    {
        Form = form;
        _settings = settings;
        ToolName = ApplicationName.OfTool(name);
        Time = time;
        LookEvery = timeouts.LockAttempt / 4 is var quarter && quarter < ShortestLook ? ShortestLook
            : quarter > LongestLook ? LongestLook
            : quarter;
        _diagnosis = new PostgreSqlDiagnosis(name, this, showStatements);
    }

    /// <summary>How a connection of the driver is opened.</summary>
    public Func<string, CancellationToken, Task<NpgsqlConnection>> OpenConnection { get; init; } = PostgreSqlConnection.OpenAsync;

    /// <summary>Creates the database if the server has none of its name; null to wait until somebody else does.</summary>
    public Func<CancellationToken, Task>? CreateDatabase { get; init; }

    public DatabaseFacts Facts { get; } = new()
    {
        Dialect = PostgreSqlDialect.Instance,
        TransactionalDdl = true,
        ToWrite = "the lock on the history that its row needs",
        ToRead = "a lock to read",
    };

    public string Target => _settings.Target;

    public IReadOnlyList<string> Notes => _settings.Notes;

    /// <summary>How the history is kept.</summary>
    public IHistoryForm Form { get; private set; }

    /// <summary>The settings that the connection string asks of a session.</summary>
    public SessionSettings Asked => _settings.Session;

    public TimeProvider Time { get; }

    public TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// How often a running statement is looked at from the side: often enough to see what an attempt at a lock waits for before it is over.
    /// </summary>
    public TimeSpan LookEvery { get; }

    /// <summary>
    /// What the sessions of an external tool are called: libpq reads the name from there, and so do the drivers built on it or after it.
    /// <see href="https://www.postgresql.org/docs/current/libpq-envars.html"/>
    /// </summary>
    public IReadOnlyDictionary<string, string> ToolEnvironment => new Dictionary<string, string> { ["PGAPPNAME"] = ToolName };

    public string ToolName { get; }

    /// <summary>
    /// Where the history is: the default schema of the first session. A migration may change what is the default for later ones.
    /// </summary>
    public string? Schema { get; set; }

    /// <summary>The sessions that are open now.</summary>
    public IReadOnlyList<PostgreSqlSession> Sessions => _sessions;

    /// <summary>Backends whose connection to us has broken: nobody uses them any more, but the server may not know yet.</summary>
    public IReadOnlyList<int> LeftBehind => _leftBehind;

    public async ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken)
    {
        try
        {
            var work = await ConnectForWorkAsync(null, cancellationToken).ConfigureAwait(false);
            try
            {
                var session = await PostgreSqlSession.StartAsync(this, work, cancellationToken).ConfigureAwait(false);
                lock (_changing)
                    _sessions = [.. _sessions, session];
                return new OpenAttempt(session);
            }
            catch (Exception)
            {
                await work.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName && CreateDatabase is not null)
        {
            if (purpose == SessionPurpose.Migrate)
                await CreateAsync(CreateDatabase, cancellationToken).ConfigureAwait(false);
            return new OpenAttempt(
                null, new Unavailable($"{Target} to be created", missing.MessageText, "The next start that migrates creates it."));
        }
        catch (Exception e) when (PostgreSqlErrors.NotUpYet(Target, e, _settings.User) is { } lacks)
        {
            return new OpenAttempt(null, lacks);
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Refused(_settings, e);
        }
    }

    public ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken) => new(_diagnosis.TakeAsync(cancellationToken));

    public ValueTask<ToolDiagnosis> DiagnoseToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        new(_diagnosis.TakeForToolAsync(processes, cancellationToken));

    public IAsyncEnumerable<DoctorCheck> CheckAsync(CancellationToken cancellationToken) =>
        new PostgreSqlDoctor(this, _settings).CheckAsync(cancellationToken);

    public void Use(IHistoryForm other) => Form = other;

    /// <summary>Opens one more connection.</summary>
    /// <exception cref="MigrationException">The driver cannot use the connection string.</exception>
    /// <param name="server">The server that the run's other connection is on; null for the first.</param>
    /// <param name="cancellationToken">Ends the try.</param>
    public async Task<PostgreSqlConnection> ConnectAsync((string Host, int Port)? server, CancellationToken cancellationToken)
    {
        try
        {
            return PostgreSqlConnection.Of(
                await OpenConnection(_settings.ConnectionString(ApplicationName.Own, server), cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (DriverRefusal.Is(e))
        {
            throw DriverRefusal.Of(Target, e);
        }
    }

    /// <summary>Opens a connection for the work of a run, with all that the connection string asks of it.</summary>
    /// <inheritdoc cref="ConnectAsync"/>
    /// <exception cref="UnansweredException">
    /// A pooler takes every client at once; whether it has a session for it shows with the first question.
    /// </exception>
    public Task<PostgreSqlConnection> ConnectForWorkAsync((string Host, int Port)? server, CancellationToken cancellationToken) =>
        AskFirstAsync(server, (connection, token) => Asked.MakeAsync(Target, connection, token), cancellationToken);

    /// <summary>Opens the connection at the side of the work.</summary>
    /// <inheritdoc cref="ConnectForWorkAsync"/>
    public Task<PostgreSqlConnection> ConnectSideAsync((string Host, int Port)? server, CancellationToken cancellationToken) =>
        AskFirstAsync(
            server,
            (connection, token) => connection.ExecuteAsync(token, PostgreSqlSql.ForTheSide(connection.ServerVersion)),
            cancellationToken);

    public void Closed(PostgreSqlSession session)
    {
        lock (_changing)
            _sessions = [.. _sessions.Where(other => other != session)];
    }

    /// <summary>A connection broke: its backend must be ended as soon as that is possible.</summary>
    public void LeaveBehind(int backend)
    {
        lock (_changing)
            _leftBehind = [.. _leftBehind, backend];
    }

    /// <summary>Backends that are known to be gone.</summary>
    public void Gone(IEnumerable<int> backends)
    {
        lock (_changing)
            _leftBehind = [.. _leftBehind.Except(backends)];
    }

    private async Task CreateAsync(Func<CancellationToken, Task> create, CancellationToken cancellationToken)
    {
        try
        {
            await create(cancellationToken).ConfigureAwait(false);
        }
        catch (PostgresException other) when (other.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another replica was faster.
        }
        catch (NpgsqlException e)
        {
            throw PostgreSqlErrors.Refused(_settings, e);
        }
    }

    private async Task<PostgreSqlConnection> AskFirstAsync(
        (string Host, int Port)? server,
        Func<PostgreSqlConnection, CancellationToken, Task> ask,
        CancellationToken cancellationToken)
    {
        var connection = await ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(LongestFirstAnswer);
        try
        {
            await ask(connection, limit.Token).ConfigureAwait(false);
            return connection;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw new UnansweredException(
                $"connected, but the first question had no answer within {Duration.Say(LongestFirstAnswer)}, "
                    + "as with a pooler whose sessions are all in use");
        }
        catch (Exception)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
