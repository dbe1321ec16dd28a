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
    private readonly Lazy<bool> _seeds = new(() => source.With(Seeds));

    public bool AtEveryStart => _seeds.Value;

    /// <summary>Whether a context has any.</summary>
    public static bool Seeds(DbContext context) => OptionsOf(context) is { AsyncSeeder: not null } or { Seeder: not null };

    public Task SeeAppliedAsync(Watch watch, IReadOnlyList<Scripts.Migration> applied) =>
        applied.Any(AddsTypes) ? ReloadTypesAsync(watch) : Task.CompletedTask;

    public Task RunAsync(Watch watch, IReadOnlyList<Scripts.Migration> applied) =>
        _seeds.Value ? SeedAsync(watch, applied.Count > 0) : Task.CompletedTask;

    // The edge: the application's code runs here, which may throw anything.
    private async Task SeedAsync(Watch watch, bool applied)
    {
        var budget = new Budget(watch.Timeouts.Seeding, MigrationErrorCode.DeadlineExceeded);
        var seeding = watch.Lookable(ActivityKind.Working, $"the seeding of {source.Type.Name} to finish", budget) with
        {
            Failure = TooLong,
        };
        using var work = watch.Turn(seeding);
        try
        {
            await source.WithAsync(context => SeedAsync(context, applied, watch.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (!watch.Token.IsCancellationRequested)
        {
            throw new MigrationException(Failed($"failed: {e.GetType().Name}: {(e.InnerException ?? e).Message}"), e);
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

    private MigrationError TooLong(Verdict verdict) =>
        Failed(
            $"worked for {Duration.Say(verdict.Activity.Budget.Limit)}, its limit, and was cancelled{RunErrors.Because(verdict.Finding)}")
        with
        {
            Code = MigrationErrorCode.DeadlineExceeded,
            Hint = "All migrations are applied. If the seeding needs longer, raise Timeouts:Seeding.",
        };

    private MigrationError Failed(string what) => new()
    {
        Code = MigrationErrorCode.MigrationFailed,
        Message = $"the seeding of {source.Type.Name} {what}",
        Hint = "All migrations are applied. Correct UseSeeding or UseAsyncSeeding and start again.",
    };

    // What the application's data source has read of the server's types was read before there were these.
    private Task<bool> ReloadTypesAsync(Watch watch) => source.WithAsync(async context =>
    {
        if (context.Database.GetDbConnection() is not NpgsqlConnection connection)
            return false;
        await context.Database.OpenConnectionAsync(watch.Token).ConfigureAwait(false);
        await connection.ReloadTypesAsync(watch.Token).ConfigureAwait(false);
        await context.Database.CloseConnectionAsync().ConfigureAwait(false);
        return true;
    });

    private static bool AddsTypes(Scripts.Migration migration) => NewType().IsMatch(Encoding.UTF8.GetString(migration.ReadText().Utf8));

    private static CoreOptionsExtension OptionsOf(DbContext context) =>
        context.GetService<IDbContextOptions>().FindExtension<CoreOptionsExtension>() ?? new CoreOptionsExtension();

    [GeneratedRegex(@"\b(CREATE|ALTER)\s+(TYPE|EXTENSION|DOMAIN)\b", RegexOptions.IgnoreCase)]
    private static partial Regex NewType();
}
