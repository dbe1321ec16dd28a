using System.Globalization;
using MySqlConnector;

namespace MigrationHost.Tests.Support;

/// <summary>A database of its own on the tests' MariaDB server.</summary>
internal sealed class MySqlTestDatabase : TestDatabase
{
    // The contract's names in double quotes are names here as in other databases, and a test may change all rows of a table.
    private const string AsElsewhere = "--init-command=SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES'), SESSION sql_safe_updates = 0";

    private readonly MariaDbServer _server;
    private readonly List<string> _accounts = [];

    public MySqlTestDatabase(MariaDbServer server)
    {
        _server = server;
        Directory.CreateDirectory(Folder["migrations"]);
        Run($"CREATE DATABASE {Name}");
    }

    public string Name { get; } = $"test_{Guid.NewGuid():N}";

    public string ConnectionString =>
        string.Create(CultureInfo.InvariantCulture, $"Server=127.0.0.1;Port={_server.Port};User ID=root;Database={Name};SslMode=Disabled");

    /// <summary>The same as other tools take it.</summary>
    public string Address => string.Create(CultureInfo.InvariantCulture, $"mysql://root@127.0.0.1:{_server.Port}/{Name}");

    protected override IEnumerable<KeyValuePair<string, string?>> Connection =>
    [
        KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"MySql"),
        KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)ConnectionString),
    ];

    public override string Endless => "SELECT SLEEP(100000);";

    public override string Slow => "CREATE TABLE slow AS SELECT max(a.seq * b.seq) AS x FROM seq_1_to_20000 AS a, seq_1_to_3000 AS b;";

    public override string OutsideTransaction => "ANALYZE TABLE a;";

    public override async Task<string> QueryAsync(string sql)
    {
        await using var client = _server.Client(AsElsewhere, Name, "-e", sql);
        client.CloseInput();
        Assert.True(await client.ExitAsync() == 0, $"{sql}: {client.Errors}");
        return client.Output.TrimEnd('\n').Replace('\t', '|');
    }

    /// <summary>How many rows there are, asked by a connection of this process, which is faster than another one.</summary>
    /// <param name="from">What follows FROM.</param>
    public async Task<long> CountAsync(string from)
    {
        await using var connection = await OpenAsync();
        await using var command = new MySqlCommand($"SELECT count(*) FROM {from}", connection);
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public override async Task RunFileAsync(string path)
    {
        await using var client = _server.Client(Name);
        await client.WriteLineAsync(await File.ReadAllTextAsync(path));
        client.CloseInput();
        Assert.True(await client.ExitAsync() == 0, client.All);
    }

    public override Task<string> SchemaAsync() => QueryAsync(
        "SELECT table_name, column_name, column_type, coalesce(column_default, '') FROM information_schema.columns "
            + "WHERE table_schema = database() AND table_name NOT LIKE 'migrationhost%' "
            + "UNION ALL SELECT table_name, index_name, column_name, '' FROM information_schema.statistics "
            + "WHERE table_schema = database() AND table_name NOT LIKE 'migrationhost%' ORDER BY 1, 2");

    public override Task<LockHolder> HoldFromOutsideAsync() => HoldFromOutsideAsync("LOCK TABLES guarded WRITE");

    /// <summary>A mariadb client that has run this and stays connected.</summary>
    /// <param name="sql">What it has run.</param>
    /// <param name="next">What it runs then, and may have to wait for.</param>
    public async Task<LockHolder> HoldFromOutsideAsync(string sql, string? next = null)
    {
        var client = _server.Client("-n", Name);
        await client.WriteLineAsync($"{sql}; SELECT CONCAT('held by ', CONNECTION_ID(), '.');");
        await Eventually.BecomesTrueAsync(() => client.Output.Contains("held by ", StringComparison.Ordinal) || client.Errors.Length > 0, () => client.All);
        Assert.Equal("", client.Errors);
        var id = int.Parse(client.Output.Split("held by ")[1].Split('.')[0], CultureInfo.InvariantCulture);
        if (next is not null)
            await client.WriteLineAsync(next);
        return new LockHolder(id, "mysql", async () =>
        {
            if (next is not null)
                client.KillNow();
            else
                client.CloseInput();
            await client.ExitAsync();
            await client.DisposeAsync();
        })
        {
            Freeze = client.Stop,
        };
    }

    public override async Task<LockHolder> HoldFromInsideAsync()
    {
        var connection = await OpenAsync();
        await using var command = new MySqlCommand("LOCK TABLES guarded WRITE", connection);
        await command.ExecuteNonQueryAsync();
        return new LockHolder(connection.ServerThread, null, () => connection.DisposeAsync().AsTask());
    }

    /// <summary>A host whose sessions are another account's, or are otherwise set up.</summary>
    public TestHost HostWith(string connectionString, params (string Key, string Value)[] settings) => new(
        Folder.Path,
        [
            .. Settings.Where(setting => !setting.Key.EndsWith(":ConnectionString", StringComparison.Ordinal)),
            KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)connectionString),
            .. settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value)),
        ]);

    /// <summary>Makes an account of this test's own with these rights on its database, and returns its connection string.</summary>
    public string CreateAccount(string rights)
    {
        var account = $"u{Guid.NewGuid():N}"[..20];
        Run($"CREATE USER {account}@'%' IDENTIFIED BY 'secret'");
        Run($"GRANT {rights} ON {Name}.* TO {account}@'%'");
        _accounts.Add(account);
        return ConnectionString.Replace("User ID=root", $"User ID={account};Password=secret", StringComparison.Ordinal);
    }

    public async Task<MySqlConnection> OpenAsync()
    {
        var connection = new MySqlConnection($"{ConnectionString};Pooling=False");
        await connection.OpenAsync();
        return connection;
    }

    // A server finds out that a client has gone a moment after the client went.
    public override async Task AssertReleasedAsync()
    {
        var left = "";
        await Eventually.BecomesTrueAsync(
            async () => (left = await QueryAsync($"SELECT id, command, state, info FROM information_schema.processlist WHERE db = '{Name}' AND id <> connection_id() AND (info LIKE '/* migrationhost:%' OR id IN (SELECT processlist_id FROM performance_schema.session_connect_attrs WHERE attr_name = 'program_name' AND attr_value LIKE 'migrationhost:%'))")).Length == 0,
            () => left);
    }

    public override async ValueTask DisposeAsync()
    {
        Run($"DROP DATABASE IF EXISTS {Name}");
        foreach (var account in _accounts)
            Run($"DROP USER {account}@'%'");
        await base.DisposeAsync();
    }

    private void Run(string sql)
    {
        using var connection = new MySqlConnection(ConnectionString.Replace($"Database={Name};", "", StringComparison.Ordinal) + ";Pooling=False;AllowUserVariables=True");
        connection.Open();
        using var command = new MySqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
