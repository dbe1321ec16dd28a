using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>Who has asked the server about its locks.</summary>
/// <param name="User">The role; empty if that could not be read.</param>
/// <param name="IsSuperuser">Whether it may end everybody's sessions.</param>
/// <param name="Schema">Where the history would be.</param>
internal sealed record LockAsker(string User, bool IsSuperuser, string? Schema)
{
    private const string Sql = "SELECT rolname::text, rolsuper, current_schema()::text FROM pg_roles WHERE rolname = current_user";

    public static async Task<LockAsker> ReadAsync(PostgreSqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            var rows = await connection.QueryOftenAsync(
                Sql, row => new LockAsker(row.GetString(0), row.GetBoolean(1), row.TextAt(2)), cancellationToken).ConfigureAwait(false);
            return rows[0];
        }
        catch (PostgresException refused) when (PostgreSqlErrors.IsInTheWay(refused))
        {
            return new LockAsker("", true, null);
        }
    }
}
