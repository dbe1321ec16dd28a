using System.Diagnostics;
using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;

namespace MigrationHost.EntityFramework;

/// <summary>Rows of the history, written with the commit in one go: nothing is open before.</summary>
internal sealed class OtherTransaction(OtherDatabase database) : IMigrationTransaction
{
    private readonly List<string> _commands = [];

    public IReadOnlyList<HistoryEntry> Known { get; } = [];

    public ValueTask<ScriptResult> ExecuteAsync(Migration script, ScriptText text, CancellationToken cancellationToken) =>
        throw new UnreachableException("EF Core's own Migrate runs the statements");

    public ValueTask RecordAsync(HistoryEntry entry, CancellationToken cancellationToken)
    {
        _commands.Add(database.History.Insert(entry.Version));
        return ValueTask.CompletedTask;
    }

    public ValueTask CorrectAsync(HistoryEntry entry, CancellationToken cancellationToken) =>
        throw new UnreachableException("EF Core's history has no checksums");

    public ValueTask ForgetAsync(string version, CancellationToken cancellationToken)
    {
        _commands.Add(database.History.Forget(database.History.Table, version).Text);
        return ValueTask.CompletedTask;
    }

    public async ValueTask<bool> TryCommitAsync(CancellationToken cancellationToken) => await database.TryAsync(
        async context =>
        {
            await context.Database.ExecuteSqlRawAsync(database.History.CreateFirst, cancellationToken).ConfigureAwait(false);
            var transaction = await context.Database.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
            await using var disposed = transaction.ConfigureAwait(false);
            foreach (var command in _commands)
                await context.Database.ExecuteSqlRawAsync(command, cancellationToken).ConfigureAwait(false);
            await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        database.Unusable,
        cancellationToken).ConfigureAwait(false);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
