namespace MigrationHost.Databases.Sqlite;

/// <summary>SQLite.</summary>
internal sealed class SqliteDescriptor : IProviderDescriptor
{
    public DatabaseProvider Kind => DatabaseProvider.Sqlite;

    public IReadOnlyList<string> Schemes { get; } = ["sqlite", "sqlite3"];

    public string Example => "Data Source=data/app.db";

    public IReadOnlyList<string> Problems(string connectionString, string contentRoot)
    {
        var problems = new List<string>();
        SqliteSettings.Read(connectionString, contentRoot, problems);
        return problems;
    }

    public DatabasePlace Place(string connectionString, string contentRoot)
    {
        var path = Read(connectionString, contentRoot).Path;
        return new DatabasePlace { Words = $"the SQLite file {path}", Schemes = Schemes, File = path };
    }

    public void LoadDriver()
    {
        using var nowhere = RawSqlite.Open("Data Source=:memory:;Pooling=False", connection => connection.Open());
        nowhere.Query("SELECT 1", RawSqlite.Values);
    }

    public IMigrationDatabase Create(DatabaseSetup setup) =>
        new SqliteDatabase(setup.Name, Read(setup.ConnectionString, setup.ContentRoot), setup.Form, setup.ShowStatements, setup.Time);

    private static SqliteSettings Read(string connectionString, string contentRoot) =>
        SqliteSettings.Read(connectionString, contentRoot, [])!;
}
