using MigrationHost.Engines;
using MigrationHost.Running;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.Logging;

namespace MigrationHost.EntityFramework;

/// <summary>EF Core's own <c>Migrate</c>, on the context's own connection and in EF Core's own lock: it seeds, too. What is known of it is
/// what it reports to diagnostics.</summary>
internal sealed class ContextMigrator(ContextSource source, TimeProvider time, ILogger logger) : IForeignMigrator
{
    private static readonly TimeSpan LongestLookBack = TimeSpan.FromSeconds(3);

    private readonly Lazy<bool> _seeds = new(() => source.With(ContextSeeding.Seeds), LazyThreadSafetyMode.PublicationOnly);

    public bool AtEveryStart => _seeds.Value;

    public string InsteadOf(string command) => command == "script"
        ? $"'dotnet ef migrations script --context {source.Type.Name}' writes it."
        : $"'dotnet ef database update VERSION --context {source.Type.Name}' goes back to a version.";

    // The edge: EF Core's and the application's code runs here, which may throw anything.
    public async Task ApplyAsync(Watch watch, IReadOnlyList<Scripts.Migration> pending, string? target)
    {
        var lastWord = pending.Count == 0 ? null : source.With(context => new ContextHistory(context).Insert(pending[^1].Version).Trim());
        using var progress = new MigrateProgress(watch, source.Type.Name, pending.Count, lastWord, time, logger);
        using var work = watch.Turn(progress.Beginning);
        try
        {
            await source.WithAsync(context => MigrateAsync(context, watch, progress, target)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            watch.Ends(done: false);
            watch.ThrowIfEnding();
            var applied = await AppliedAsync().ConfigureAwait(false);
            progress.Applied(applied);
            if (progress.IsSeeding && _seeds.Value)
                throw Seeding(pending, applied).Of(e, watch.State.Read().Blockers);
            throw new MigrationException(await ErrorAsync(progress, e).ConfigureAwait(false), e);
        }
        progress.Applied(pending.Select(migration => migration.Version));
        watch.Ends(done: true);
        watch.ThrowIfEnding();
    }

    private static async Task<bool> MigrateAsync(DbContext context, Watch watch, MigrateProgress progress, string? target)
    {
        // A command that is slow is for our limits to end, unless the application has set its own.
        if (context.Database.GetCommandTimeout() is null)
            context.Database.SetCommandTimeout(
                watch.Timeouts.Migration > watch.Timeouts.Turn ? watch.Timeouts.Migration : watch.Timeouts.Turn);
        progress.Follow(context);
        await context.GetService<IMigrator>().MigrateAsync(target, watch.Token).ConfigureAwait(false);
        return true;
    }

    private SeedingFailure Seeding(IReadOnlyList<Scripts.Migration> pending, IReadOnlyList<string> applied) =>
        pending.All(migration => applied.Contains(migration.Version))
            ? new SeedingFailure(source.Type.Name)
            : new SeedingFailure(source.Type.Name, "The migrations that share its transaction are rolled back with it.");

    private async Task<MigrationError> ErrorAsync(MigrateProgress progress, Exception e)
    {
        MigrationErrorCode? code = DriverErrors.Lost(e) is not null ? MigrationErrorCode.DatabaseUnreachable
            : DriverErrors.Refused(e) is not null ? MigrationErrorCode.Blocked
            : null;
        if (progress.Running is { } running)
        {
            var remedy = code switch
            {
                MigrationErrorCode.DatabaseUnreachable => "The server's log says why it ended the connection.",
                MigrationErrorCode.Blocked => "'migrationhost locks' shows who holds what.",
                _ => "Correct it and start again.",
            };
            var failure = MigrationFailure.Of(running.Id, running.Type, e, $"{running.Id}: {OtherErrors.Words(e)}");
            return failure with
            {
                Code = code ?? failure.Code,
                Hint = $"What the database commits by itself of this migration stays; the rest is rolled back. {remedy}",
            };
        }
        if (OtherErrors.IsOfTheDatabase(e))
            return new MigrationError
            {
                Code = code ?? MigrationErrorCode.DatabaseUnreachable,
                Message = $"EF Core's Migrate failed before the first migration: {OtherErrors.Words(e)}",
                Hint = "Nothing was applied in this start. EF Core creates the database, takes its lock and reads the history there.",
            };
        return await Task.Run(HasPendingModelChanges).ConfigureAwait(false)
            ? new MigrationError
            {
                Code = MigrationErrorCode.HistoryMismatch,
                Message = $"EF Core's Migrate refuses: {source.Type.Name}'s model has changes that no migration has",
                Hint = $"Add a migration for them: dotnet ef migrations add NAME --context {source.Type.Name}, or let the context "
                    + "ignore it: "
                    + "ConfigureWarnings(w => w.Ignore(RelationalEventId.PendingModelChangesWarning))",
            }
            : new MigrationError
            {
                Code = MigrationErrorCode.MigrationFailed,
                Message = $"EF Core's Migrate failed: {e.GetType().Name}: {e.Message}",
            };
    }

    private bool HasPendingModelChanges() => source.With(context => context.Database.HasPendingModelChanges());

    // Each provider commits in its own way what came before a failure: the history says it.
    private async Task<IReadOnlyList<string>> AppliedAsync()
    {
        using var limit = new CancellationTokenSource(LongestLookBack, time);
        try
        {
            return [.. await source.WithAsync(context => context.Database.GetAppliedMigrationsAsync(limit.Token)).ConfigureAwait(false)];
        }
        catch (Exception e) when (e is OperationCanceledException || OtherErrors.IsOfTheDatabase(e))
        {
            return [];
        }
    }
}
