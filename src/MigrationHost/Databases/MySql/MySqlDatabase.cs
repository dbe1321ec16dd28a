using System.Security.Cryptography;
using System.Text;
using MigrationHost.Databases.Connections;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>A database on a MySQL or MariaDB server.</summary>
internal sealed class MySqlDatabase : IMigrationDatabase, IServesTools
{
    private static readonly TimeSpan LongestLook = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan ShortestLook = TimeSpan.FromMilliseconds(25);

    private readonly Lock _changing = new();
    private readonly MySqlDiagnosis _diagnosis;
    private MySqlSession[] _sessions = [];
    private bool _escapes = true;

    public MySqlDatabase(DatabaseSetup setup, MySqlSettings settings)
    {
        (Name, Settings, Schema, Form, Time) = (setup.Name, settings, settings.Database, setup.Form, setup.Time);
        LockAttempt = setup.Timeouts.LockAttempt;
        LookEvery = LockAttempt / 8 is var part && part < ShortestLook ? ShortestLook
            : part > LongestLook ? LongestLook
            : part;
        _diagnosis = new MySqlDiagnosis(this, setup.ShowStatements);
        Facts = new DatabaseFacts
        {
            Dialect = MySqlDialect.Instance,
            TransactionalDdl = false,
            FitsTransaction = text => MySqlScript.FitsTransaction(text, _escapes),
            ToWrite = "the lock on the history that its row needs",
            ToRead = "a lock to read",
        };
    }

    public string Name { get; }

    public MySqlSettings Settings { get; }

    /// <summary>The database's name, not quoted: as the server has it, once that was asked.</summary>
    public string Schema { get; private set; }

    public DatabaseFacts Facts { get; }

    public string Target => Settings.Target;

    public IReadOnlyList<string> Notes => Settings.Notes;

    public IHistoryForm Form { get; private set; }

    public TimeProvider Time { get; }

    public TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How long a statement may wait for a lock at once.</summary>
    public TimeSpan LockAttempt { get; }

    /// <summary>How often a running statement is looked at from the side.</summary>
    public TimeSpan LookEvery { get; }

    /// <summary>The name of the lock that the connection at the side of a run has, and that of the one at work.</summary>
    /// <remarks>
    /// Their names belong to the whole server and have 64 characters at most. They are the same for every form of history: who takes a
    /// folder for another tool's must not run beside who takes it for ours. Other releases take the same two: docs/instances.md.
    /// </remarks>
    public (string Side, string Work) TurnNames => TurnNamesOf(Schema);

    /// <inheritdoc cref="MySqlHistory.ToolLocks"/>
    public IReadOnlyList<string> ToolLocks => new MySqlHistory(Form, Schema).ToolLocks;

    /// <summary>The sessions that are open now.</summary>
    public IReadOnlyList<MySqlSession> Sessions => _sessions;

    /// <remarks>No client of MySQL takes its program_name from the environment.</remarks>
    public IReadOnlyDictionary<string, string> ToolEnvironment { get; } = new Dictionary<string, string>();

    /// <summary>The sessions of external tools that have been seen: if a tool is killed, they may outlive it.</summary>
    public MySqlLeftSessions OfTools { get; } = new();

    /// <summary>Sessions of ours whose connections have broken: the server may not know it yet, and keeps their locks.</summary>
    public MySqlLeftSessions Lost { get; } = new();

    /// <inheritdoc cref="TurnNames"/>
    public static (string Side, string Work) TurnNamesOf(string database)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"migrationhost {MySqlName.Quoted(database)}.{HistoryTable.Name}"));
        var key = Convert.ToHexStringLower(hash, 0, 16);
        return ($"migrationhost:{key}", $"migrationhost:{key}:work");
    }

    public async ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken)
    {
        try
        {
            var work = await ConnectAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                var session = await MySqlSession.StartAsync(this, work, cancellationToken).ConfigureAwait(false);
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
        catch (Exception e) when (MySqlErrors.NotUpYet(Target, e) is { } lacks)
        {
            return new OpenAttempt(null, lacks);
        }
        catch (MySqlProtocolException e)
        {
            throw MySqlErrors.NotMySql(Target, e);
        }
        catch (MySqlException e)
        {
            throw MySqlErrors.Refused(Settings, e);
        }
    }

    public ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken) => new(_diagnosis.TakeAsync(cancellationToken));

    public ValueTask<ToolDiagnosis> DiagnoseToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken) =>
        new(_diagnosis.TakeForToolAsync(processes, cancellationToken));

    public IAsyncEnumerable<DoctorCheck> CheckAsync(CancellationToken cancellationToken) =>
        new MySqlDoctor(this).CheckAsync(cancellationToken);

    public void Use(IHistoryForm other) => Form = other;

    /// <summary>Opens one more connection.</summary>
    /// <exception cref="MySqlException">The server cannot be reached, or refuses.</exception>
    /// <exception cref="MigrationException">The driver cannot use the connection string.</exception>
    public async Task<MySqlLink> ConnectAsync(CancellationToken cancellationToken)
    {
        try
        {
            var link = await MySqlLink.OpenAsync(Settings.ConnectionString(), cancellationToken).ConfigureAwait(false);
            (Schema, _escapes) = (link.Server.NameOf(Settings.Database), link.Server.HasBackslashEscapes);
            return link;
        }
        catch (Exception e) when (DriverRefusal.Is(e))
        {
            throw DriverRefusal.Of(Target, e);
        }
    }

    public void Closed(MySqlSession session)
    {
        lock (_changing)
            _sessions = [.. _sessions.Where(other => other != session)];
    }
}
