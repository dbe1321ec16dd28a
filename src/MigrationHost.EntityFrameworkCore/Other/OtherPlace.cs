using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace MigrationHost.EntityFramework;

/// <summary>Where a database is that is left to EF Core, for people.</summary>
/// <param name="Provider">EF Core's provider.</param>
/// <param name="Target">The server and the database: no secrets.</param>
/// <param name="IsKnown">Whether MigrationHost knows such databases itself.</param>
internal sealed record OtherPlace(string Provider, string Target, bool IsKnown)
{
    public static OtherPlace Of(DbContext context)
    {
        var (connection, provider) = (context.Database.GetDbConnection(), context.Database.ProviderName!);
        var database = connection.Database.Length > 0 ? $"/{connection.Database}" : "";
        return new OtherPlace(
            provider, $"{provider}: {connection.DataSource}{database}", connection is SqliteConnection or NpgsqlConnection);
    }
}
