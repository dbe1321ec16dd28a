namespace MigrationHost.Databases.PostgreSql;

internal sealed class PostgreSqlDiagnosis(string name, PostgreSqlDatabase database, bool showStatements)
{
    public Task<LockDiagnosis> TakeAsync(CancellationToken cancellationToken) => Task.FromResult(new LockDiagnosis(new LockReport { Database = name, DiagnosedAt = database.Time.GetUtcNow(), Complete = !showStatements && !cancellationToken.IsCancellationRequested }, []));
}
