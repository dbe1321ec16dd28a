using System.Data;
using System.Data.Common;
using System.Diagnostics;
using MigrationHost.Databases;
using MigrationHost.Scripts;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.EntityFrameworkCore.Storage;

namespace MigrationHost.EntityFramework;

/// <summary>Looks at a database of another provider, each time through a context of its own.</summary>
internal sealed class OtherSession(OtherDatabase database) : IDatabaseSession
{
    public async ValueTask<IReadOnlyCollection<HistoryEntry>?> TryReadHistoryAsync(CancellationToken cancellationToken) =>
        await database.TryAsync<List<HistoryEntry>>(
            async context =>
            {
                var ids = await context.Database.GetAppliedMigrationsAsync(cancellationToken).ConfigureAwait(false);
                return [.. ids.Select(ContextHistory.Applied)];
            },
            why => HistoryTable.NotOurs(database.Form, why),
            cancellationToken).ConfigureAwait(false);

    /// <remarks>Where the history is, EF Core has begun already: what a broken first migration has left is not strange.</remarks>
    public async ValueTask<IReadOnlyList<ExistingTable>?> TryReadTablesAsync(
        IReadOnlyCollection<string> everywhere,
        CancellationToken cancellationToken) =>
        await database.TryAsync<List<ExistingTable>>(
            async context =>
            {
                var creator = context.GetService<IRelationalDatabaseCreator>();
                return !await creator.ExistsAsync(cancellationToken).ConfigureAwait(false)
                    || await context.GetService<IHistoryRepository>().ExistsAsync(cancellationToken).ConfigureAwait(false)
                    || !await creator.HasTablesAsync(cancellationToken).ConfigureAwait(false)
                    ? []
                    : await TablesAsync(context, cancellationToken).ConfigureAwait(false);
            },
            database.Unusable,
            cancellationToken).ConfigureAwait(false);

    public ClientScript ForClient => throw new UnreachableException("nobody writes scripts of what EF Core's own Migrate runs");

    public ScriptReview Review(Scripts.Migration script, ScriptText text) => new([], []);

    public ValueTask<TurnAttempt> TryTakeTurnAsync(IRunProgress progress, CancellationToken cancellationToken) =>
        ValueTask.FromResult(new TurnAttempt(new OtherTurn(database)));

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // What a driver has to say of tables: https://learn.microsoft.com/dotnet/framework/data/adonet/common-schema-collections
    private static async Task<List<ExistingTable>> TablesAsync(DbContext context, CancellationToken cancellationToken)
    {
        await context.Database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var connection = context.Database.GetDbConnection();
        try
        {
            using var tables = await connection.GetSchemaAsync("Tables", cancellationToken).ConfigureAwait(false);
            return [.. tables.Rows.Cast<DataRow>().Where(IsOfDatabase).Select(row => new ExistingTable((string)row["TABLE_NAME"], []))];
        }
        catch (Exception e) when (e is DbException or ArgumentException or NotSupportedException)
        {
            return [new ExistingTable("its name is not known", [])];
        }
        finally
        {
            await context.Database.CloseConnectionAsync().ConfigureAwait(false);
        }

        bool IsOfDatabase(DataRow row) => row["TABLE_CATALOG"] is string catalog && catalog == connection.Database
            || row["TABLE_SCHEMA"] is string schema && schema == connection.Database;
    }
}
