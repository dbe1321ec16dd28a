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
        using var progress = new MigrateProgress(watch, source.Type.Name, pending.Count, time, logger);
        using var work = watch.Turn(progress.Beginning);
        try
        {
            await source.WithAsync(context => MigrateAsync(context, watch, progress, target)).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            watch.Ends(done: false);
            watch.ThrowIfEnding();
            var error = await ErrorAsync(progress, e).ConfigureAwait(false);
            progress.Applied(await AppliedAsync().ConfigureAwait(false));
            throw new MigrationException(error, e);
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

    private async Task<MigrationError> ErrorAsync(MigrateProgress progress, Exception e)
    {
        if (progress.Running is { } running)
            return MigrationFailure.Of(running.Id, running.Type, e, $"{running.Id}: {OtherErrors.Words(e)}") with
            {
                Hint = "What the database commits by itself of this migration stays; the rest is rolled back. Correct it and start again.",
            };
        if (OtherErrors.IsOfTheDatabase(e))
            return new MigrationError
            {
                Code = MigrationErrorCode.DatabaseUnreachable,
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
    private async Task<IEnumerable<string>> AppliedAsync()
    {
        using var limit = new CancellationTokenSource(LongestLookBack, time);
        try
        {
            return await source.WithAsync(context => context.Database.GetAppliedMigrationsAsync(limit.Token)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException || OtherErrors.IsOfTheDatabase(e))
        {
            return [];
        }
    }
}
