using System.Diagnostics;
using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace MigrationHost.EntityFramework;

/// <summary>A database that only the context's provider knows: looked at through the context, in EF Core's own ways. Who holds a lock
/// there is not known.</summary>
internal sealed class OtherDatabase(string name, ContextSource source, ContextHistory history, TimeProvider time) : IMigrationDatabase
{
    private readonly Lazy<(string Provider, string Target)> _place = new(() => source.With(PlaceOf));

    public string Target => _place.Value.Target;

    public DatabaseFacts Facts { get; } = new()
    {
        RecordsWhatBegins = false,
        TransactionalDdl = false,
        ToWrite = "the history to be written",
        ToRead = "the history to be read",
    };

    public IReadOnlyList<string> Notes { get; } = [];

    public TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(250);

    public ContextHistory History => history;

    public IHistoryForm Form => history;

    // Only what a folder is may show with what is in the database.
    public void Use(IHistoryForm other) => throw new UnreachableException("a context has one history");

    public async ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken)
    {
        try
        {
            await ExistsAsync(cancellationToken).ConfigureAwait(false);
            return new OpenAttempt(new OtherSession(this, source));
        }
        catch (Exception e) when (OtherErrors.IsOfTheDatabase(e))
        {
            return new OpenAttempt(null, new Unavailable($"{Target} to come up", OtherErrors.Words(e)));
        }
    }

    /// <summary>Whether the server has the database.</summary>
    public Task<bool> ExistsAsync(CancellationToken cancellationToken) => source.WithAsync(
        context => context.GetService<IRelationalDatabaseCreator>().ExistsAsync(cancellationToken));

    public ValueTask<LockDiagnosis> DiagnoseAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(LockDiagnosis.Nothing(name, time.GetUtcNow(), $"{Unknown}: ask the server itself"));

    public async IAsyncEnumerable<DoctorCheck> CheckAsync(
        [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        yield return DoctorCheck.Warning(
            "provider",
            $"{_place.Value.Provider}: EF Core's own Migrate runs, under the watch and its limits; {Unknown}",
            "Nothing to do, if that is enough: docs/entity-framework.md lists what is missing.");
    }

    private const string Unknown = "who holds a lock is not known with this provider";

    private async Task<DoctorCheck> ConnectionAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ExistsAsync(cancellationToken).ConfigureAwait(false)
                ? DoctorCheck.Ok("connection", $"{Target} is there")
                : DoctorCheck.Ok("connection", $"{Target} is not there yet; EF Core creates it");
        }
        catch (Exception e) when (OtherErrors.IsOfTheDatabase(e))
        {
            return DoctorCheck.Problem(
                "connection", $"{Target}: {OtherErrors.Words(e)}", "Start the server, or correct the connection string.");
        }
    }

    private static (string Provider, string Target) PlaceOf(DbContext context)
    {
        var (connection, provider) = (context.Database.GetDbConnection(), context.Database.ProviderName!);
        return (provider, $"{provider}: {connection.DataSource}/{connection.Database}");
    }
}
