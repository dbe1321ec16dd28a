using System.Globalization;
using Npgsql;

namespace MigrationHost.Tests.Support;

/// <summary>A database of its own on the tests' server.</summary>
internal sealed class PostgreSqlTestDatabase : TestDatabase
{
    private readonly PostgreSqlCluster _cluster;
    private readonly List<string> _roles = [];
    private string? _other;

    public PostgreSqlTestDatabase(PostgreSqlCluster cluster)
    {
        _cluster = cluster;
        Directory.CreateDirectory(Folder["migrations"]);
        Run("postgres", $"CREATE DATABASE {Name}");
    }

    public string Name { get; } = $"test_{Guid.NewGuid():N}";

    /// <summary>A second database beside it, made when it is first asked for.</summary>
    public string Other
    {
        get
        {
            if (_other is null)
                Run("postgres", $"CREATE DATABASE {_other = $"{Name}_other"}");
            return _other;
        }
    }

    public string ConnectionString => new NpgsqlConnectionStringBuilder(_cluster.Server.ConnectionString) { Database = Name, Pooling = false }.ConnectionString;

    protected override IEnumerable<KeyValuePair<string, string?>> Connection =>
    [
        KeyValuePair.Create("MigrationHost:Databases:app:Provider", (string?)"PostgreSql"),
        KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)new NpgsqlConnectionStringBuilder(_cluster.Server.ConnectionString) { Database = Name }.ConnectionString),
    ];

    public override string Endless => "SELECT pg_sleep(100000);";

    public override string Slow => "CREATE TABLE slow AS SELECT max(x) AS x FROM generate_series(1, 30000000) AS x;";

    public override string OutsideTransaction => "VACUUM;";

    public override Task<string> QueryAsync(string sql) => QueryAsync(sql, null);

    /// <summary>The same in another database of the server.</summary>
    public async Task<string> QueryAsync(string sql, string? database)
    {
        await using var psql = _cluster.Psql(database ?? Name, "-c", sql);
        psql.CloseInput();
        Assert.True(await psql.ExitAsync() == 0, $"{sql}: {psql.Errors}");
        return psql.Output.TrimEnd().ReplaceLineEndings("\n");
    }

    public override async Task RunFileAsync(string path)
    {
        await using var psql = _cluster.Client("psql", Name, "-X", "-f", path);
        psql.CloseInput();
        Assert.True(await psql.ExitAsync() == 0, psql.All);
    }

    public override Task<string> SchemaAsync() => QueryAsync(
        "SELECT table_name, column_name, data_type, column_default FROM information_schema.columns WHERE table_schema = 'public' "
            + "AND table_name <> 'migrationhost_history' UNION ALL SELECT tablename, indexname, indexdef, NULL FROM pg_indexes "
            + "WHERE schemaname = 'public' AND tablename <> 'migrationhost_history' ORDER BY 1, 2");

    public override Task<LockHolder> HoldFromOutsideAsync() => HoldFromOutsideAsync("LOCK TABLE guarded IN ACCESS EXCLUSIVE MODE;");

    /// <summary>A psql that has run this in a transaction and keeps that open.</summary>
    /// <param name="sql">What it has run.</param>
    /// <param name="next">What it runs then, and may have to wait for.</param>
    /// <param name="database">The database that it does so in, where that is not this one.</param>
    public async Task<LockHolder> HoldFromOutsideAsync(string sql, string? next = null, string? database = null)
    {
        var psql = _cluster.Psql(database ?? Name);
        await psql.WriteLineAsync($"BEGIN;\n{sql}\nSELECT 'held by ' || pg_backend_pid();");
        await Eventually.BecomesTrueAsync(() => psql.Output.Contains("held by ", StringComparison.Ordinal) || psql.Errors.Length > 0, () => psql.All);
        Assert.Equal("", psql.Errors);
        var pid = int.Parse(psql.Output.Split("held by ")[1].Trim(), CultureInfo.InvariantCulture);
        if (next is not null)
            await psql.WriteLineAsync(next);
        return new LockHolder(pid, "psql", async () =>
        {
            if (next is not null)
                psql.KillNow();
            else
                psql.CloseInput();
            await psql.ExitAsync();
            await psql.DisposeAsync();
        })
        {
            Freeze = psql.Stop,
        };
    }

    /// <summary>A pg_dump of a table that has come to a standstill in the middle: nobody reads what it writes.</summary>
    public async Task<LockHolder> HoldByBackupAsync(string table)
    {
        var pipe = await Folder.MakePipeAsync("backup");
        var dump = _cluster.Client("pg_dump", Name, "-t", table, "-f", pipe);
        var reader = await Task.Run(() => File.OpenRead(pipe));
        var pid = "";
        await Eventually.BecomesTrueAsync(async () => (pid = await QueryAsync("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pg_dump' AND wait_event = 'ClientWrite'")).Length > 0, () => dump.All);
        return new LockHolder(int.Parse(pid, CultureInfo.InvariantCulture), "pg_dump", async () =>
        {
            dump.KillNow();
            await dump.DisposeAsync();
            await reader.DisposeAsync();
        });
    }

    public override async Task<LockHolder> HoldFromInsideAsync()
    {
        var connection = await OpenAsync();
        var transaction = await connection.BeginTransactionAsync();
        await using var command = new NpgsqlCommand("LOCK TABLE guarded IN ACCESS EXCLUSIVE MODE", connection, transaction);
        await command.ExecuteNonQueryAsync();
        return new LockHolder(connection.ProcessID, null, () => connection.DisposeAsync().AsTask());
    }

    /// <summary>A host whose sessions are another role's, or are otherwise set up.</summary>
    public TestHost HostWith(Action<NpgsqlConnectionStringBuilder> change, params (string Key, string Value)[] settings)
    {
        var connection = new NpgsqlConnectionStringBuilder(_cluster.Server.ConnectionString) { Database = Name };
        change(connection);
        return new TestHost(
            Folder.Path,
            [
                .. Settings.Where(setting => !setting.Key.EndsWith(":ConnectionString", StringComparison.Ordinal)),
                KeyValuePair.Create("MigrationHost:Databases:app:ConnectionString", (string?)connection.ConnectionString),
                .. settings.Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value)),
            ]);
    }

    /// <summary>Makes a role of this test's own, which goes with the database.</summary>
    /// <param name="options">As CREATE ROLE has them.</param>
    /// <param name="owner">Whether the database is to be its.</param>
    public string CreateRole(string options, bool owner)
    {
        var role = $"role_{Guid.NewGuid():N}";
        Run("postgres", $"CREATE ROLE {role} LOGIN {options}");
        if (owner)
            Run("postgres", $"ALTER DATABASE {Name} OWNER TO {role}");
        _roles.Add(role);
        return role;
    }

    public async Task<NpgsqlConnection> OpenAsync()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        return connection;
    }

    // A server finds out that a client has gone a moment after the client went.
    public override async Task AssertReleasedAsync()
    {
        var left = "";
        await Eventually.BecomesTrueAsync(
            async () => (left = await QueryAsync($"SELECT pid, application_name, state, query FROM pg_stat_activity WHERE application_name LIKE 'migrationhost:%' AND datname = '{Name}'")).Length == 0,
            () => left);
        Assert.Equal("0", await QueryAsync($"SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = '{Name}')"));
        Assert.Equal("0", await QueryAsync("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
    }

    public override async ValueTask DisposeAsync()
    {
        Run("postgres", $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        if (_other is not null)
            Run("postgres", $"DROP DATABASE IF EXISTS {_other} WITH (FORCE)");
        foreach (var role in _roles)
            Run("postgres", $"DROP ROLE {role}");
        await base.DisposeAsync();
    }

    private void Run(string database, string sql)
    {
        using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_cluster.Server.ConnectionString) { Database = database, Pooling = false }.ConnectionString);
        connection.Open();
        using var command = new NpgsqlCommand(sql, connection);
        command.ExecuteNonQuery();
    }
}
