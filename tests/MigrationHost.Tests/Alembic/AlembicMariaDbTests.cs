using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Alembic;

/// <summary>The same project on MariaDB with PyMySQL, where every DDL statement commits by itself.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class AlembicMariaDbTests(MariaDbServer server) : IAsyncLifetime
{
    private const string Next = "f00000000001";

    private readonly AlembicFolder _folder = new();
    private readonly MySqlTestDatabase _database = new(server);

    [Fact]
    public async Task A_database_is_taken_to_the_head_and_then_nothing_is_started()
    {
        var (code, output, log) = await MigrateAsync();
        Assert.True(code == 0, output + log);
        Assert.Equal(8, output.Split('\n').Count(line => line.StartsWith("app  applied ", StringComparison.Ordinal)));
        Assert.Equal(AlembicFolder.Head, await _database.QueryAsync("SELECT version_num FROM alembic_version"));

        (code, _, log) = await MigrateAsync();
        Assert.Equal(0, code);
        Assert.DoesNotContain("starting alembic", log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_holds_a_lock_is_named_and_what_the_tool_leaves_is_ended()
    {
        await server.SeeMetadataLocksAsync();
        Assert.Equal(0, (await MigrateAsync()).Code);
        _folder.Revision(Next, AlembicFolder.Head, "op.add_column('customers', sa.Column('nick', sa.String(20)))");
        await using (var holder = await _database.HoldFromOutsideAsync("BEGIN; SELECT * FROM customers"))
        {
            var (code, output, log) = await MigrateAsync(AlembicRun.Limits(lockSeconds: 4));
            Assert.True(code == 5, output + log);
            Assert.Contains($"alembic is blocked: localhost (pid {holder.Pid}) holds SHARED_READ on customers", output, StringComparison.Ordinal);
            Assert.Contains($"KILL {holder.Pid}", output, StringComparison.Ordinal);
            Assert.Equal(0, await _database.CountAsync("information_schema.processlist WHERE db = database() AND info LIKE 'ALTER TABLE customers%'"));
        }
        Assert.Equal(0, (await MigrateAsync()).Code);
    }

    [Fact]
    public async Task A_command_runs_under_the_turn_and_its_result_is_proved()
    {
        _folder.Write("schema.sql", "CREATE TABLE made (id INTEGER);");
        string[] settings =
        [
            .. _database.Arguments(("Databases:app:Engine", "Command"), ("Databases:app:Command:Executable", "sh")),
            "--MigrationHost:Databases:app:Command:Arguments:0=-c",
            $"--MigrationHost:Databases:app:Command:Arguments:1=mariadb --no-defaults -h127.0.0.1 -P{server.Port} -uroot {_database.Name} < schema.sql",
        ];

        var (code, output, log) = await MigrationHostProgram.RunAsync(_folder.Path, ["migrate", .. settings]);

        Assert.True(code == 0, output + log);
        Assert.Equal("0", await _database.QueryAsync("SELECT count(*) FROM made"));
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _folder.Dispose();
        await _database.DisposeAsync();
    }

    private async Task<(int Code, string Output, string Log)> MigrateAsync(params (string Key, string Value)[] settings) =>
        await MigrationHostProgram.RunAsync(
            _folder.Path,
            [
                "migrate",
                .. _database.Arguments(("Databases:app:Engine", "Alembic"), ("Databases:app:Alembic:Environment:DATABASE_URL", Url)),
                .. settings.Select(setting => $"--MigrationHost:Databases:app:{setting.Key}={setting.Value}"),
            ]);

    private string Url => $"mysql+pymysql://root@127.0.0.1:{server.Port}/{_database.Name}?charset=utf8mb4";
}
