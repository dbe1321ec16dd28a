using MigrationHost.Databases;
using MigrationHost.Running;

namespace MigrationHost.Engines.Alembic;

/// <summary>Reads Alembic's version table and the schema by ourselves: no lock is taken, and no connection is left when the tool
/// starts.</summary>
/// <param name="database">The database.</param>
/// <param name="purpose">For a run that migrates <see cref="SessionPurpose.Migrate"/>: it happens inside an application that may have
/// the database open, and a session to inspect looks at an SQLite file in a way that would drop the application's locks on it.</param>
internal sealed class AlembicDatabase(IMigrationDatabase database, SessionPurpose purpose)
{
    public const string DefaultVersionTable = "alembic_version";

    private const string Column = "version_num";

    private readonly DatabaseAccess _access = new(database);

    public DatabaseAccess Access => _access;

    /// <summary>The rows of the version table; none where there is no table.</summary>
    public Task<IReadOnlyList<string>> CurrentAsync(Watch watch, AlembicSetup setup) =>
        ReadAsync(watch, tables => tables.TryReadColumnAsync(setup.VersionTableSchema, setup.VersionTable, Column, watch.Token));

    /// <summary>The names of all that the schema has.</summary>
    public Task<IReadOnlyList<string>> NamesAsync(Watch watch) => ReadAsync(watch, tables => tables.TryReadNamesAsync(watch.Token));

    /// <summary>Both, after a run that was ended: tried once, since nobody waits for it any more; null where that is refused.</summary>
    public async Task<(IReadOnlyList<string> Current, IReadOnlyList<string> Names)?> LookAsync(AlembicSetup setup)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            if ((await database.TryOpenAsync(purpose, limit.Token).ConfigureAwait(false)).Session is not { } session)
                return null;
            await using (session)
            {
                return await Tables(session).TryReadColumnAsync(setup.VersionTableSchema, setup.VersionTable, Column, limit.Token)
                    .ConfigureAwait(false) is { } current
                    && await Tables(session).TryReadNamesAsync(limit.Token).ConfigureAwait(false) is { } names ? (current, names) : null;
            }
        }
        catch (Exception e) when (e is MigrationException or OperationCanceledException or ConnectionLostException)
        {
            // The run has failed already, for another reason that is to be told.
            return null;
        }
    }

    private async Task<IReadOnlyList<string>> ReadAsync(Watch watch, Func<IReadsForeignTables, ValueTask<IReadOnlyList<string>?>> read)
    {
        await using var session = await _access.OpenAsync(watch, purpose).ConfigureAwait(false);
        using var wait = watch.NewWait(watch.Timeouts.Lock, MigrationErrorCode.Blocked, database.PollInterval);
        return await wait.UntilAsync(database.Facts.ToRead, () => read(Tables(session))).ConfigureAwait(false);
    }

    private IReadsForeignTables Tables(IDatabaseSession session) => session as IReadsForeignTables
        ?? throw new MigrationException(new MigrationError
        {
            Code = MigrationErrorCode.InvalidConfiguration,
            Message = $"Engine: Alembic does not work on {database.Target}",
            Hint = "Run it with Engine: Command.",
        });
}
