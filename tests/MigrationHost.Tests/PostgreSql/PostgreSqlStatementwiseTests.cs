using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Scripts outside a transaction: what was refused is not taken for done, and what is somebody else's stays.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlStatementwiseTests(PostgreSqlCluster cluster) : IAsyncLifetime
{
    private const string None = "-- migrationhost: transaction=none\n";

    private static readonly (string, string)[] Impatient = [("Timeouts:LockAttempt", "00:00:00.500"), ("Timeouts:StallAfter", "00:00:00.200")];

    private readonly PostgreSqlTestDatabase _database = new(cluster);

    public async Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE guarded (id integer, x integer);\nCREATE INDEX ix ON guarded (x);");
        Assert.Null(await MigrateAsync());
    }

    public async Task DisposeAsync() => await _database.DisposeAsync();

    [Theory]
    [InlineData("CREATE INDEX CONCURRENTLY ix ON guarded (id);")]
    [InlineData("CREATE DATABASE postgres;")]
    public async Task What_was_there_already_is_not_taken_for_done_by_the_next_start(string statement)
    {
        _database.Migration("2_none", None + statement);
        for (var start = 1; start <= 3; start++)
        {
            var error = await MigrateAsync();
            Assert.Equal(MigrationErrorCode.MigrationFailed, error?.Code);
            Assert.Contains("already exists", error!.Message, StringComparison.Ordinal);
        }
        Assert.Equal("1", await _database.QueryAsync("SELECT version FROM migrationhost_history WHERE state = 'applied'"));
    }

    [Fact]
    public async Task A_block_of_code_that_was_refused_a_lock_is_tried_again()
    {
        _database.Migration("2_none", None + "DO $$ BEGIN ALTER TABLE guarded ADD COLUMN y integer; END $$;");
        await using var holder = await _database.HoldFromOutsideAsync("SELECT * FROM guarded;");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status.Blocked, () => $"{host.Status}");

        await holder.ReleaseAsync();
        Assert.Null(await run);
    }

    [Fact]
    public async Task A_procedure_that_commits_runs_outside_a_transaction()
    {
        _database.Migration("2_procedure", "CREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO guarded VALUES (1); COMMIT; INSERT INTO guarded VALUES (2); COMMIT; END $$;");
        _database.Migration("3_none", None + "CALL fill();");
        Assert.Null(await MigrateAsync());
        Assert.Equal("2", await _database.QueryAsync("SELECT count(*) FROM guarded"));
    }

    [Fact]
    public async Task An_index_of_the_same_name_in_another_schema_is_nobodys_business()
    {
        await _database.QueryAsync("CREATE SCHEMA other");
        await _database.QueryAsync("CREATE TABLE other.t (x integer)");
        await _database.QueryAsync("INSERT INTO other.t VALUES (1), (1)");
        await using (var psql = cluster.Psql(_database.Name, "-c", "CREATE UNIQUE INDEX CONCURRENTLY mine ON other.t (x)"))
            Assert.NotEqual(0, await psql.ExitAsync());
        Assert.Equal("1", await _database.QueryAsync("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));

        _database.Migration("2_none", None + "CREATE INDEX CONCURRENTLY IF NOT EXISTS mine ON guarded (id);");
        Assert.Null(await MigrateAsync());
        Assert.Equal("1", await _database.QueryAsync("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
    }

    [Fact]
    public async Task What_a_script_has_made_for_its_session_is_there_in_the_next_attempt()
    {
        _database.Migration("2_none", None + "CREATE TEMP TABLE batch AS SELECT 7 AS id;\nSELECT set_config('search_path', 'pg_temp, public', false);\nALTER TABLE guarded ADD COLUMN y integer;\nINSERT INTO guarded (id) SELECT id FROM batch;");
        await using var holder = await _database.HoldFromOutsideAsync("SELECT * FROM guarded;");
        await using var host = _database.Host(Impatient);
        var run = host.MigrateAsync();
        await Eventually.BecomesTrueAsync(() => host.Status is { Blocked: true, WaitingFor.ElapsedMs: > 1200 }, () => $"{host.Status}");

        await holder.ReleaseAsync();
        Assert.Null(await run);
        Assert.Equal("7", await _database.QueryAsync("SELECT id FROM guarded"));
    }

    [Fact]
    public async Task The_history_is_written_with_the_rights_of_the_connection_whatever_role_the_script_takes()
    {
        var role = _database.CreateRole("", owner: false);
        await _database.QueryAsync($"GRANT CREATE, USAGE ON SCHEMA public TO {role}");
        _database.Migration("2_none", None + $"SET ROLE {role};\nCREATE TABLE owned (id integer);\nCREATE INDEX CONCURRENTLY ix_owned ON owned (id);");

        Assert.Null(await MigrateAsync());
        Assert.Equal(role, await _database.QueryAsync("SELECT tableowner FROM pg_tables WHERE tablename = 'owned'"));
    }

    private async Task<MigrationError?> MigrateAsync()
    {
        await using var host = _database.Host();
        return await host.MigrateAsync();
    }
}
