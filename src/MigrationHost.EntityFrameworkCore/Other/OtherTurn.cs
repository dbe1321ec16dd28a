using System.Diagnostics;
using MigrationHost.Databases;
using MigrationHost.Scripts;

namespace MigrationHost.EntityFramework;

/// <summary>There is no turn of ours at a database that only EF Core knows: its <c>Migrate</c> has a lock of its own. Only rows of the
/// history can be written.</summary>
internal sealed class OtherTurn(OtherDatabase database) : ITurn
{
    public ValueTask<IMigrationTransaction?> TryBeginAsync(string version, ScriptHeader header, CancellationToken cancellationToken) =>
        ValueTask.FromResult<IMigrationTransaction?>(new OtherTransaction(database));

    public ValueTask<IStatementRun> BeginStatementsAsync(Migration script, ScriptText text, CancellationToken cancellationToken) =>
        throw new UnreachableException("EF Core's own Migrate runs the statements");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
