using System.Diagnostics;
using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;

namespace MigrationHost.EntityFramework;

/// <summary>Rows of the history, written with the commit in one go: nothing is open before.</summary>
internal sealed class OtherTransaction(ContextHistory form, ContextSource source) : IMigrationTransaction
{
    private readonly List<string> _commands = [];

    public IReadOnlyList<HistoryEntry> Known { get; } = [];

    public ValueTask<ScriptResult> ExecuteAsync(Migration script, ScriptText text, CancellationToken cancellationToken) =>
        throw new UnreachableException("EF Core's own Migrate runs the statements");

    public ValueTask RecordAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        _commands.Add(form.Insert(entry.Version));
        return ValueTask.CompletedTask;
    }

    public ValueTask CorrectAsync(HistoryEntry entry, CancellationToken cancellationToken) =>
        throw new UnreachableException("EF Core's history has no checksums");

    public ValueTask ForgetAsync(string version, CancellationToken cancellationToken)
    {
        _commands.Add(form.Forget(form.Table, version).Text);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken) => await source.WithAsync(async context =>
    {
        await context.Database.ExecuteSqlRawAsync(form.CreateFirst, cancellationToken).ConfigureAwait(false);
        await context.Database.CreateExecutionStrategy().ExecuteAsync(
            async token =>
            {
                var transaction = await context.Database.BeginTransactionAsync(token).ConfigureAwait(false);
                await using var disposed = transaction.ConfigureAwait(false);
                foreach (var command in _commands)
                    await context.Database.ExecuteSqlRawAsync(command, token).ConfigureAwait(false);
                await transaction.CommitAsync(token).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return true;
    }).ConfigureAwait(false);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
