using System.Globalization;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>PostgreSQL.</summary>
internal sealed class PostgreSqlDescriptor : IProviderDescriptor
{
    public DatabaseProvider Kind => DatabaseProvider.PostgreSql;

    public IReadOnlyList<string> Schemes { get; } = ["postgres", "postgresql"];

    public string Example => "Host=db;Database=app;Username=app;Password=…";

    public bool HasForm(string connectionString) => PostgreSqlKeywords.AreIn(connectionString);

    public IReadOnlyList<string> Problems(string connectionString, string contentRoot)
    {
        var problems = new List<string>();
        PostgreSqlSettings.Read(connectionString, problems);
        return problems;
    }

    public DatabasePlace Place(string connectionString, string contentRoot)
    {
        var settings = Read(connectionString);
        var (configured, database) = (settings.Configured, settings.Database);
        return new DatabasePlace
        {
            Words = string.Create(
                CultureInfo.InvariantCulture, $"{database ?? "the user's database"} on {configured.Host}:{configured.Port}"),
            Schemes = Schemes,
            Host = configured.Host,
            Port = configured.Port,
            DefaultPort = NpgsqlConnection.DefaultPort,
            Database = database,
        };
    }

    public IMigrationDatabase Create(DatabaseSetup setup) =>
        new PostgreSqlDatabase(setup.Name, Read(setup.ConnectionString), setup.Form, setup.Timeouts, setup.ShowStatements, setup.Time);

    private static PostgreSqlSettings Read(string connectionString) => PostgreSqlSettings.Read(connectionString, [])!;
}
