using MigrationHost.Databases;
using MigrationHost.Running;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Contract;

/// <summary>What must not be run: other tools' files, and everything over a database that is not ours.</summary>
public abstract partial class DatabaseContract
{
    private static readonly (string, string)[] BesideTables = [("Databases:app:AllowExistingTables", "true")];

    [Theory]
    [InlineData("dbmate", "-- migrate:up\nCREATE TABLE made (id INTEGER);\n-- migrate:down\nDROP TABLE kept;", 3)]
    [InlineData("goose", "-- +goose Up\nCREATE TABLE made (id INTEGER);\n-- +goose Down\nDROP TABLE kept;", 3)]
    [InlineData("sql-migrate", "-- +migrate Up\nCREATE TABLE made (id INTEGER);\n-- +migrate Down\nDROP TABLE kept;", 3)]
    [InlineData("node-pg-migrate", "-- Up Migration\nCREATE TABLE made (id INTEGER);\n-- Down Migration\nDROP TABLE kept;", 3)]
    [InlineData("tern", "CREATE TABLE made (id INTEGER);\n---- create above / drop below ----\nDROP TABLE kept;", 2)]
    [InlineData("Liquibase", "--liquibase formatted sql\n--changeset a:1\nCREATE TABLE made (id INTEGER);\n--rollback DROP TABLE kept;\nDROP TABLE kept;", 4)]
    [InlineData("MyBatis Migrations", "CREATE TABLE made (id INTEGER);\n--//@UNDO\nDROP TABLE kept;", 2)]
    [InlineData("rambler", "-- rambler up\nCREATE TABLE made (id INTEGER);\n-- rambler down\nDROP TABLE kept;", 3)]
    public async Task A_pending_file_of_another_tool_is_refused_and_an_existing_table_keeps_its_rows(string tool, string text, int line)
    {
        await using var database = CreateDatabase();
        database.Migration("1_keep", "CREATE TABLE kept (id INTEGER); INSERT INTO kept VALUES (1), (2);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());

        database.Migration("2_theirs", text);
        database.Migration("3_theirs", text);
        await using var host = database.Host();
        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.HistoryMismatch, "migrations/2_theirs.sql", line), (error?.Code, error?.File, error?.Line));
        Assert.Contains($"is a migration of {tool}", error!.Message, StringComparison.Ordinal);
        Assert.Contains("; so is 1 more file. Keep only the up part", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Equal("1\n2", await database.QueryAsync("SELECT id FROM kept ORDER BY id"));
        Assert.Equal("1", await database.HistoryAsync());
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task A_file_of_another_tool_that_was_applied_before_starts_as_before_with_a_warning()
    {
        await using var database = CreateDatabase();
        database.Migration("1_theirs", "-- migrate:up\nCREATE TABLE made (id INTEGER);\n-- migrate:down\nDROP TABLE made;");
        await using (var earlier = database.Host(("Databases:app:Layout", "Own")))
            Assert.Null(await earlier.Run.BaselineAsync("1", dryRun: false, default));
        database.Migration("2_ours", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        const string warning = "migrations/1_theirs.sql:3: is a migration of dbmate";
        Assert.Contains(host.Log.All, line => line.StartsWith($"Warning: app: {warning}", StringComparison.Ordinal));
        var checks = await ExamineAsync(host.Run);
        Assert.Contains(checks, check => check.Result == DoctorResult.Warning && check.Message.StartsWith(warning, StringComparison.Ordinal));
        Assert.DoesNotContain(checks, check => check.Result == DoctorResult.Problem);
    }

    [Fact]
    public async Task A_database_with_tables_and_no_history_is_left_alone_until_somebody_allows_it()
    {
        await using var database = CreateDatabase();
        await database.QueryAsync("CREATE TABLE orders (id INTEGER)");
        await database.QueryAsync("CREATE VIEW open_orders AS SELECT id FROM orders");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");

        await using (var refused = database.Host())
        {
            var error = await refused.MigrateAsync();
            Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
            Assert.Contains("has 2 tables (open_orders, orders), but no history", error!.Message, StringComparison.Ordinal);
            Assert.Contains("baseline VERSION --database app", error.Hint, StringComparison.Ordinal);
            Assert.Contains("AllowExistingTables: true", error.Hint, StringComparison.Ordinal);

            var (_, looked) = await refused.Run.InspectAsync(null, default);
            Assert.Equal(error.Message, looked?.Message);
            var problems = (await ExamineAsync(refused.Run)).Where(check => check.Result == DoctorResult.Problem);
            Assert.Equal(error.Message, Assert.Single(problems).Message);
        }
        await database.AssertReleasedAsync();

        await using var allowed = database.Host(BesideTables);
        Assert.Null(await allowed.MigrateAsync());

        // Once there is a history, there is nothing to allow.
        database.Migration("2_more", "CREATE TABLE b (id INTEGER);");
        await using var next = database.Host();
        Assert.Null(await next.MigrateAsync());
    }

    [Theory]
    [InlineData("CREATE TABLE schema_migrations (version BIGINT PRIMARY KEY, dirty BOOLEAN)", "the history of golang-migrate (schema_migrations)")]
    [InlineData("CREATE TABLE goose_db_version (id INTEGER, version_id BIGINT)", "the history of goose (goose_db_version)")]
    [InlineData("CREATE TABLE \"__EFMigrationsHistory\" (\"MigrationId\" TEXT)", "the history of Entity Framework (__EFMigrationsHistory)")]
    public async Task Another_tools_history_is_named(string history, string found)
    {
        await using var database = CreateDatabase();
        await database.QueryAsync(history);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var host = database.Host();

        Assert.Contains(found, (await host.MigrateAsync())?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_another_entry_of_the_configuration_keeps_in_the_same_database_is_not_counted()
    {
        await using var database = CreateDatabase();
        await database.QueryAsync("CREATE TABLE orders (id INTEGER)");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        (string, string)[] tool =
        [
            .. database.Settings.Select(setting => ($"Databases:tool:{setting.Key.Split(':')[^1]}", setting.Value!)),
            ("Databases:tool:Engine", "Command"),
            ("Databases:tool:Command:Executable", "/bin/true"),
        ];
        await using var host = database.Host(tool);

        Assert.Null(await host.MigrateAsync());
    }

    [Fact]
    public async Task In_a_child_process_the_same_is_refused_and_allowed()
    {
        await using var database = CreateDatabase();
        await database.QueryAsync("CREATE TABLE orders (id INTEGER)");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        (string, string) child = ("Databases:app:Isolation", "ChildProcess");

        await using (var refused = database.Host(child))
            Assert.Contains("has 1 table (orders), but no history", (await refused.MigrateAsync())?.Message, StringComparison.Ordinal);
        await using var allowed = database.Host([child, .. BesideTables]);
        Assert.Null(await allowed.MigrateAsync());
    }

    [Fact]
    public async Task A_baseline_records_without_running_and_the_rest_is_applied()
    {
        await using var database = CreateDatabase();
        await database.QueryAsync("CREATE TABLE a (id INTEGER)");
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_wrong", "this would fail;");
        database.Migration("10_next", "INSERT INTO a VALUES (1);");

        await using (var dry = database.Host())
        {
            Assert.Null(await dry.Run.BaselineAsync("2", dryRun: true, default));
            Assert.Equal((2, 1, "2"), (dry.Status.AppliedCount, dry.Status.PendingCount, dry.Status.Current));
        }
        await using (var unknown = database.Host())
        {
            var error = await unknown.Run.BaselineAsync("3", dryRun: false, default);
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains("has no such migration", error!.Message, StringComparison.Ordinal);
        }
        await using (var host = database.Host())
            Assert.Null(await host.Run.BaselineAsync("2", dryRun: false, default));
        Assert.Equal("1\n2", await database.HistoryAsync());
        Assert.Equal(
            $"applied|0|baseline {Instance.Name}",
            await database.QueryAsync("SELECT state, duration_ms, applied_by FROM migrationhost_history WHERE version = '1'"));
        await database.AssertReleasedAsync();

        foreach (var dryRun in new[] { true, false })
        {
            await using var again = database.Host();
            var error = await again.Run.BaselineAsync("2", dryRun, default);
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains("has a history already: 2 migrations, the last is version 2", error!.Message, StringComparison.Ordinal);
        }
        await using var next = database.Host();
        Assert.Null(await next.MigrateAsync());
        Assert.Equal("1\n2\n10", await database.HistoryAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
    }

    [Fact]
    public async Task A_baseline_of_many_migrations_is_one_transaction()
    {
        await using var database = CreateDatabase();
        for (var i = 1; i <= 500; i++)
            database.Migration($"{i}_create", $"CREATE TABLE t{i} (id INTEGER);");
        await using var host = database.Host();

        Assert.Null(await host.Run.BaselineAsync("500", dryRun: false, default));

        Assert.Equal("500", await database.QueryAsync("SELECT count(*) FROM migrationhost_history"));
        Assert.Contains(host.Log.All, line => line.Contains("has no tables", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_target_below_what_is_applied_is_refused()
    {
        await using var database = CreateDatabase();
        for (var i = 1; i <= 3; i++)
            database.Migration($"{i}_create", $"CREATE TABLE t{i} (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        await using var host = database.Host();

        var error = await host.Run.MigrateAsync(null, "1", default);

        Assert.Equal((MigrationErrorCode.HistoryMismatch, 7), (error?.Code, error?.ExitCode));
        Assert.Contains("the target 1 is below version 3, which is applied", error!.Message, StringComparison.Ordinal);
        Assert.Equal("1\n2\n3", await database.HistoryAsync());
    }

    [Fact]
    public async Task A_script_in_its_own_begin_and_commit_is_one_transaction_with_its_row()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "-- a dump\nBEGIN;\nCREATE TABLE a (id INTEGER);\nINSERT INTO a VALUES (1);\nCOMMIT;\n");
        database.Migration("2_fails", "BEGIN;\nINSERT INTO a VALUES (2);\nINSERT INTO nowhere VALUES (1);\nEND;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, "migrations/2_fails.sql", 3), (error?.Code, error?.File, error?.Line));
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
        Assert.Equal("1", await database.HistoryAsync());
        Assert.Contains(host.Log.All, line => line.Contains("1_create.sql: its BEGIN and COMMIT are left out", StringComparison.Ordinal));
        Assert.Contains(host.Log.All, line => line.Contains("applied 1 create (2 statements,", StringComparison.Ordinal));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Transaction_control_in_any_pending_file_is_refused_for_all_of_them_before_the_first_one_runs()
    {
        await using var database = CreateDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        database.Migration("2_wrong", "CREATE TABLE b (id INTEGER);\nCOMMIT;");
        database.Migration("3_none", "-- migrationhost: transaction=none\nBEGIN;\nCREATE TABLE c (id INTEGER);\nCOMMIT;");
        await using var host = database.Host();

        var error = await host.MigrateAsync();

        Assert.Equal((MigrationErrorCode.MigrationFailed, 4), (error?.Code, error?.ExitCode));
        const string message = "2 problems with the migrations:\nmigrations/2_wrong.sql:2: must not contain COMMIT";
        Assert.StartsWith(message, error!.Message, StringComparison.Ordinal);
        Assert.Contains("\nmigrations/3_none.sql:2: must not contain BEGIN", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            [("migrations/2_wrong.sql", 2), ("migrations/3_none.sql", 2)],
            error.Problems.Select(problem => (problem.File, problem.Line ?? 0)));
        Assert.Equal((0, 3), (host.Status.AppliedCount, host.Status.PendingCount));

        // What is looked at shows the same.
        Assert.Equal(error.Message, (await host.Run.InspectAsync(null, default)).Error?.Message);
        await database.AssertReleasedAsync();
    }

    [Theory]
    [InlineData("-- nothing to do on this database\n")]
    [InlineData("-- migrationhost: transaction=none\n/* nothing */ ;\n")]
    public async Task A_file_of_comments_alone_is_applied_with_a_warning(string text)
    {
        await using var database = CreateDatabase();
        database.Migration("1_nothing", text);
        await using var host = database.Host();

        Assert.Null(await host.MigrateAsync());

        Assert.Equal("1", await database.HistoryAsync());
        Assert.Contains(host.Log.All, line => line.StartsWith("Warning: app: migrations/1_nothing.sql: has no statements; it is recorded", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_first_migration_that_broke_and_is_to_be_retried_does_not_make_its_own_tables_strange()
    {
        await using var database = CreateDatabase();
        const string script = "-- migrationhost: transaction=none\nCREATE TABLE a (id INTEGER);\nINSERT INTO nowhere VALUES (1);";
        var broken = database.Migration("1_create", script);
        await using (var host = database.Host())
            Assert.NotNull(await host.MigrateAsync());
        await using (var resolving = database.Host())
            Assert.Null(await resolving.Run.ResolveAsync("1", applied: false, default));

        File.WriteAllText(broken, "CREATE TABLE IF NOT EXISTS a (id INTEGER);\nINSERT INTO a VALUES (1);");
        await using var repaired = database.Host();
        Assert.Null(await repaired.MigrateAsync());
        Assert.Equal("1", await database.QueryAsync("SELECT id FROM a"));
        Assert.Equal("applied", await database.QueryAsync("SELECT state FROM migrationhost_history"));
    }

    private static async Task<List<DoctorCheck>> ExamineAsync(DatabaseRun run)
    {
        var checks = new List<DoctorCheck>();
        await foreach (var check in Doctor.ExamineAsync(run, TimeProvider.System, default))
            checks.Add(check);
        return checks;
    }
}
