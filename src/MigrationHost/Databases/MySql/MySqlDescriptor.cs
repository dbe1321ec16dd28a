using System.Globalization;

namespace MigrationHost.Databases.MySql;

/// <summary>MySQL and MariaDB.</summary>
internal sealed class MySqlDescriptor : IProviderDescriptor
{
    public DatabaseProvider Kind => DatabaseProvider.MySql;

    public IReadOnlyList<string> Schemes { get; } = ["mysql", "mariadb"];

    public string Example => MySqlConnectionString.Example;

    public IReadOnlyList<string> Problems(string connectionString, string contentRoot)
    {
        var problems = new List<string>();
        MySqlSettings.Read(connectionString, problems);
        return problems;
    }

    public DatabasePlace Place(string connectionString, string contentRoot)
    {
        var configured = Read(connectionString).Configured;
        return new DatabasePlace
        {
            Words = string.Create(CultureInfo.InvariantCulture, $"{configured.Database} on {configured.Server}:{configured.Port}"),
            Schemes = Schemes,
            Host = configured.Server,
            Port = (int)configured.Port,
            DefaultPort = MySqlSettings.DefaultPort,
            Database = configured.Database,
        };
    }

    public IMigrationDatabase Create(DatabaseSetup setup) => new MySqlDatabase(setup, Read(setup.ConnectionString));

    private static MySqlSettings Read(string connectionString) => MySqlSettings.Read(connectionString, [])!;
}
