using System.Text;
using System.Text.RegularExpressions;
using MigrationHost.Engines;
using MigrationHost.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Npgsql;

namespace MigrationHost.EntityFramework;

/// <summary>What EF Core's own <c>Migrate</c> does behind the migrations: the context's seeding, and on PostgreSQL a look at the types that
/// are new.</summary>
internal sealed partial class ContextSeeding(ContextSource source) : IAfterMigrations
{
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(250);

    private readonly Lazy<bool> _seeds = new(() => source.With(Seeds), LazyThreadSafetyMode.PublicationOnly);

    // What has failed is due at the next attempt, which finds nothing pending.
    private bool _typesAreDue;
    private bool _appliedBefore;

    public bool AtEveryStart => _typesAreDue || _seeds.Value;

    /// <summary>Whether a context has any.</summary>
    public static bool Seeds(DbContext context) => OptionsOf(context) is { AsyncSeeder: not null } or { Seeder: not null };

    public Task SeeAppliedAsync(Watch watch, IReadOnlyList<Scripts.Migration> applied)
    {
        _typesAreDue |= applied.Any(AddsTypes);
        return ReloadTypesAsync(watch);
    }

    public async Task RunAsync(Watch watch, IReadOnlyList<Scripts.Migration> applied)
    {
        await ReloadTypesAsync(watch).ConfigureAwait(false);
        _appliedBefore |= applied.Count > 0;
        if (_seeds.Value)
            await SeedAsync(watch).ConfigureAwait(false);
        _appliedBefore = false;
    }

    // The edge: the application's code runs here, which may throw anything.
    private async Task SeedAsync(Watch watch)
    {
        var failure = new SeedingFailure(source.Type.Name);
        var budget = new Budget(watch.Timeouts.Seeding, MigrationErrorCode.DeadlineExceeded);
        var seeding = watch.Lookable(ActivityKind.Working, $"the seeding of {source.Type.Name} to finish", budget) with
        {
            Failure = failure.TooLong,
        };
        using var work = watch.Turn(seeding);
        try
        {
            await source.WithAsync(context => SeedAsync(context, _appliedBefore, watch.Token)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            watch.ThrowIfEnding();
            throw failure.Of(e, watch.State.Read().Blockers);
        }
        watch.ThrowIfEnding();
    }

    private static async Task<bool> SeedAsync(DbContext context, bool applied, CancellationToken cancellationToken)
    {
        var options = OptionsOf(context);
        await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);
                await using var disposed = transaction.ConfigureAwait(false);
                if (options.AsyncSeeder is { } seedAsync)
                    await seedAsync(context, applied, token).ConfigureAwait(false);
                else
                    options.Seeder!(context, applied);
                await transaction.CommitAsync(token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }

    // What the application's data source has read of the server's types was read before there were these. Its connection is opened for the
    // first time, by the application's code too, which may throw anything: all is committed, so that it is waited for.
    private async Task ReloadTypesAsync(Watch watch)
    {
        if (!_typesAreDue)
            return;
        using var wait = watch.NewWait(watch.Timeouts.DatabaseWait, MigrationErrorCode.DatabaseUnreachable, PollInterval);
        var what = $"a connection of {source.Type.Name} that reads the new types";
        await wait.UntilAsync(what, async () =>
        {
            try
            {
                await source.WithAsync(context => ReloadTypesAsync(context, watch.Token)).ConfigureAwait(false);
                return source;
            }
            catch (Exception e)
            {
                watch.ThrowIfEnding();
                (wait.What, wait.Remedy) = ($"{what} ({OtherErrors.Words(e)})", TypesLater);
                return null;
            }
        }).ConfigureAwait(false);
        _typesAreDue = false;
    }

    private static async Task<bool> ReloadTypesAsync(DbContext context, CancellationToken cancellationToken)
    {
        if (context.Database.GetDbConnection() is not NpgsqlConnection connection)
            return false;
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        await connection.ReloadTypesAsync(cancellationToken).ConfigureAwait(false);
        await context.Database.CloseConnectionAsync().ConfigureAwait(false);
        return true;
    }

    private const string TypesLater = "All migrations are applied. See the server's log, or free some of its connections.";

    private static bool AddsTypes(Scripts.Migration migration) => NewType().IsMatch(Encoding.UTF8.GetString(migration.ReadText().Utf8));

    private static CoreOptionsExtension OptionsOf(DbContext context) =>
        context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>() ?? new CoreOptionsExtension();

    [GeneratedRegex(@"\b(CREATE|ALTER)\s+(TYPE|EXTENSION|DOMAIN)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NewType();
}
