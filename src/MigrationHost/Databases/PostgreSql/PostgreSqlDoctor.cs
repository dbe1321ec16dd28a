namespace MigrationHost.Databases.PostgreSql;

internal sealed class PostgreSqlDoctor(PostgreSqlDatabase database, PostgreSqlSettings settings)
{
    public async IAsyncEnumerable<DoctorCheck> CheckAsync([System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        cancellationToken.ThrowIfCancellationRequested();
        yield return DoctorCheck.Ok("server", database.Target + settings.User);
    }
}
