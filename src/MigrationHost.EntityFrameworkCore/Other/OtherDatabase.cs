using System.Diagnostics;
using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;

namespace MigrationHost.EntityFramework;

/// <summary>A database that only the context's provider knows: looked at through the context, in EF Core's own ways. Who holds a lock
/// there is not known.</summary>
internal sealed class OtherDatabase(string name, ContextSource source, Lazy<ContextHistory> history, TimeProvider time)
    : IMigrationDatabase
{
    private OtherPlace? _place;

    /// <summary>Where it is; null as long as the context could not be made.</summary>
    public OtherPlace? Place
    {
        get => _place;
        init => _place = value;
    }

    public string Target => _place?.Target ?? $"the database of {source.Type.Name}";

    public string Identity => _place?.Target ?? name;

    public DatabaseFacts Facts { get; } = new()
    {
        TransactionalDdl = false,
        ToWrite = "the history to be written",
        ToRead = "the history to be read",
    };

    public IReadOnlyList<string> Notes { get; } = [];

    public IReadOnlyList<PlanWarning> Warnings => _place is { IsKnown: true }
        ? [new PlanWarning(
            $"{source.Type.Name} asks its server when it is made, and had no answer when the settings were read: "
                + "EF Core's own Migrate runs, with fewer guarantees",
            "Let the context ask for nothing when it is made. The next start with the server up runs the commands of the migrations.")]
        : [];

    public TimeSpan PollInterval { get; } = TimeSpan.FromMilliseconds(250);

    public ContextHistory History => history.Value;

    public IHistoryForm Form => history.Value;

    // Only what a folder is may show with what is in the database.
    public void Use(IHistoryForm other) => throw new UnreachableException("a context has one history");

    // The edge, here and below: a connection interceptor of the application may throw anything, also that it was cancelled.
    public async ValueTask<OpenAttempt> TryOpenAsync(SessionPurpose purpose, CancellationToken cancellationToken)
    {
        try
        {
            await ExistsAsync(cancellationToken).ConfigureAwait(false);
            _place ??= source.With(OtherPlace.Of);
            return new OpenAttempt(new OtherSession(this));
        }
        catch (Exception e) when (e is not MigrationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return new OpenAttempt(null, new Unavailable($"{Target} to come up", OtherErrors.Words(e)));
        }
    }

    /// <summary>Does something there.</summary>
    /// <param name="work">What to do.</param>
    /// <param name="refused">What to say if the server answers, and refuses it for good.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>The result; none if another session was in the way, so that the same may succeed later.</returns>
    /// <exception cref="ConnectionLostException">The server does not answer.</exception>
    public async Task<T?> TryAsync<T>(Func<DbContext, Task<T>> work, Func<string, Exception> refused, CancellationToken cancellationToken)
    {
        try
        {
            return await source.WithAsync(context => context.Database.CreateExecutionStrategy().ExecuteAsync(() => work(context)))
                .ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MigrationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (!await AnswersAsync(cancellationToken).ConfigureAwait(false))
                throw new ConnectionLostException(OtherErrors.Words(e), e);
            if (OtherErrors.MayPass(e))
                return default;
            if (OtherErrors.IsOfTheDatabase(e))
                throw refused(OtherErrors.Words(e));
            throw;
        }
    }

    /// <summary>The server does not let us do what a run needs.</summary>
    public MigrationException Unusable(string why) => new(new MigrationError
    {
        Code = MigrationErrorCode.DatabaseUnreachable,
        Message = $"{Target} cannot be used: {why}",
        Hint = "Grant the user of the connection string what the history needs: to read, to create and to write its table.",
    });

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
            $"{_place?.Provider ?? "not known yet"}: EF Core's own Migrate runs, under the watch and its limits; {Unknown}",
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
        catch (Exception e) when (e is not MigrationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return DoctorCheck.Problem(
                "connection", $"{Target}: {OtherErrors.Words(e)}", "Start the server, or correct the connection string.");
        }
    }

    private async Task<bool> AnswersAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await ExistsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not MigrationException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }
}
