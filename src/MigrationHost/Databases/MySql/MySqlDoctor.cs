using System.Runtime.CompilerServices;

namespace MigrationHost.Databases.MySql;

internal sealed class MySqlDoctor(MySqlDatabase database)
{
    public async IAsyncEnumerable<DoctorCheck> CheckAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.CompletedTask;
        yield return DoctorCheck.Ok("x", database.Name);
    }
}
