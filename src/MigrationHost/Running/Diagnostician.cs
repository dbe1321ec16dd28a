using MigrationHost.Databases;
using MigrationHost.Masking;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Running;

/// <summary>Takes diagnoses of one database for all who ask: its own run, HTTP, commands.</summary>
internal sealed class Diagnostician
{
    private readonly SharedLook<LockDiagnosis> _looks;

    public Diagnostician(string name, IMigrationDatabase database, Secrets secrets, TimeProvider time, ILogger logger) => _looks = new(
        name,
        async token => secrets.In(await database.DiagnoseAsync(token).ConfigureAwait(false)),
        why => LockDiagnosis.Nothing(name, time.GetUtcNow(), why),
        time,
        logger);

    /// <summary>The latest diagnosis, which asks nobody; null before the first.</summary>
    public LockDiagnosis? Latest => _looks.Latest;

    /// <summary>
    /// A diagnosis no older than this. Never throws: a report that lacks something is not <see cref="LockReport.Complete"/>.
    /// </summary>
    /// <param name="maxAge">How old it may be.</param>
    /// <param name="within">How long it may take; one second if left out.</param>
    public async Task<LockDiagnosis> TakeAsync(TimeSpan maxAge, TimeSpan? within = null) =>
        (await _looks.TakeAsync(maxAge, within).ConfigureAwait(false)).Found;

    /// <summary>Who is in the way of our own sessions.</summary>
    public async Task<Finding> LookAsync(TimeSpan maxAge, TimeSpan within)
    {
        var (found, took) = await _looks.TakeAsync(maxAge, within).ConfigureAwait(false);
        return new Finding(found) { Took = took };
    }
}
