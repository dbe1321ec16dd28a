using MigrationHost.Databases.Sqlite;
using MigrationHost.Layouts;
using MigrationHost.Platform;
using MigrationHost.Scripts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

public sealed class FolderMarksTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("1_a.up.sql 1_a.down.sql 2_b.up.sql 2_b.down.sql", "golang-migrate, sqlx and others")]
    [InlineData("1_a.up.sql 2_b.up.sql", "golang-migrate, sqlx and others")]
    [InlineData("V1__a.sql V1.2__b.sql R__view.sql", "Flyway or refinery")]
    [InlineData("U2__a.sql V2__a.sql", "Flyway or refinery")]
    [InlineData("2026-11-22-100000_create/up.sql 2026-11-22-100000_create/down.sql", "Diesel")]
    [InlineData("20261122100000_init/migration.sql migration_lock.toml", "Prisma")]
    [InlineData("20261122100000_init/migration.sql", "Prisma or Drizzle")]
    [InlineData("20261122100000_init/migration.sql 20261122100000_init/snapshot.json", "Drizzle 1")]
    [InlineData("0000_a.sql meta/_journal.json meta/0000_snapshot.json", "Drizzle")]
    [InlineData("20261122100000_a.sql atlas.sum", "Atlas")]
    [InlineData("sqitch.plan deploy/users.sql", "Sqitch")]
    [InlineData("20261122100000_a.up.fizz 20261122100000_a.down.fizz", "pop")]
    [InlineData("20261122100000-add-users-up.sql 20261122100000-add-users-down.sql", "db-migrate")]
    [InlineData("001.do.users.sql 001.undo.users.sql", "Postgrator")]
    [InlineData("db.changelog-master.xml", "Liquibase")]
    [InlineData("0001_a.sql TEST.roles.ENV.sql", "grate or RoundhousE")]
    [InlineData("env.py script.py.mako versions/1a2b_users.py", "Alembic")]
    [InlineData("__init__.py 0001_initial.py", "Django")]
    [InlineData("20261122100000_Init.cs 20261122100000_Init.Designer.cs AppModelSnapshot.cs", "Entity Framework")]
    [InlineData("20261122100000_create_users.rb", "Rails")]
    [InlineData("20261122100000_create_users.ts", "Knex")]
    [InlineData("00001_users.go", "goose, in Go")]
    [InlineData("20261122100000_create_users.exs", "Ecto")]
    [InlineData("2026_11_22_100000_create_users.php", "Laravel")]
    public void A_folder_of_another_tool_is_told_in_one_sentence(string names, string tool)
    {
        foreach (var name in names.Split(' '))
            _folder.Write($"migrations/{name}", tool == "Liquibase" ? "<databaseChangeLog>" : "SELECT 1;");

        var set = new ScriptFolder(Known.Files("migrations", _folder["migrations"]), SqlSyntax.Sqlite).Read();
        var problems = set.Problems.Count > 0 ? set.Problems : MigrationPlanner.Plan(set, []).Problems;

        var problem = Assert.Single(problems).ToString();
        Assert.StartsWith($"migrations: is a folder of {tool}", problem, StringComparison.Ordinal);
        Assert.Contains(tool == "Alembic" ? "Engine: Alembic" : "Engine: Command", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("version of its own", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_deploy_folder_of_sqitch_is_known_by_the_plan_beside_it()
    {
        _folder.Write("sqitch.plan", "%project=shop");
        _folder.Write("deploy/users.sql", "BEGIN; COMMIT;");

        var problem = Assert.Single(new ScriptFolder(Known.Files("deploy", _folder["deploy"]), SqlSyntax.Sqlite).Read().Problems).ToString();
        Assert.Contains("is a folder of Sqitch", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1_a.sql 2_b.sql README.md seed.py docker-compose.yaml")]
    [InlineData("1_a.sql old/1_a.sql")]
    [InlineData("1_a.sql 1_a.down.sql")]
    [InlineData("1_a.sql docs/migration.sql legacy/up.sql")]
    [InlineData("1_a.sql .git/up.sql .history/migration.sql .1/up.sql")]
    [InlineData("1_a.sql CHANGELOG.json changelog.xml")]
    [InlineData("1_a.sql 2_environment.sql 3_load.env_names.sql")]
    public void A_folder_of_ours_is_not_taken_for_another_tools(string names)
    {
        foreach (var name in names.Split(' '))
            _folder.Write($"migrations/{name}", "SELECT 1;");

        var set = new ScriptFolder(Known.Files("migrations", _folder["migrations"]), SqlSyntax.Sqlite).Read();

        Assert.Empty(set.Problems);
        Assert.Empty(MigrationPlanner.Plan(set, []).Problems);
        Assert.All(set.Migrations, script => Assert.DoesNotContain("down", script.File, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("1_a.up.sql 1_a.down.sql", "1_a.up.sql: is a migration of golang-migrate, sqlx and others, with 1_a.down.sql beside it")]
    [InlineData("1_a.up.sql 1_b.down.sql", "with 1_b.down.sql beside it")]
    [InlineData("1_a.down.sql", "1_a.down.sql: undoes a migration")]
    [InlineData("1_a.rollback.sql", "1_a.rollback.sql: undoes a migration")]
    [InlineData("1_a.revert.sql", "1_a.revert.sql: undoes a migration")]
    [InlineData("1_a_up.sql 2_a_down.sql", "2_a_down.sql: undoes 1_a_up.sql, as its name says")]
    [InlineData("1_a-up.sql 2_a-rollback.sql", "2_a-rollback.sql: undoes 1_a-up.sql, as its name says")]
    [InlineData("1_up_a.sql 2_UNDO_a.sql", "2_UNDO_a.sql: undoes 1_up_a.sql, as its name says")]
    [InlineData("1_a.sql 2_a_down.sql", "2_a_down.sql: undoes 1_a.sql, as its name says")]
    [InlineData("1_up.sql 2_down.sql", "2_down.sql: undoes 1_up.sql, as its name says")]
    [InlineData("1_a.sql 2_b.js 2_b_revert.sql", "2_b_revert.sql: undoes 2_b.js, as its name says")]
    [InlineData("1_a.TEST.ENV.sql", "1_a.TEST.ENV.sql: is for one environment only")]
    [InlineData("1_a.env.local.sql", "1_a.env.local.sql: is for one environment only")]
    public void A_script_that_undoes_another_is_never_a_pending_migration(string names, string problem)
    {
        foreach (var name in names.Split(' '))
            _folder.Write($"migrations/{name}", "SELECT 1;");
        _folder.Write("migrations/0_ours.sql", "SELECT 1;");
        var set = new ScriptFolder(Known.Files("migrations", _folder["migrations"]), SqlSyntax.Sqlite).Read();
        var ours = Entry(set.Migrations[0]);

        var refused = Assert.Single(MigrationPlanner.Plan(set, [ours]).Problems).ToString();
        Assert.Contains(problem, refused, StringComparison.Ordinal);
        Assert.Contains("out of the folder", refused, StringComparison.Ordinal);

        // Who has run it so far goes on as before.
        Assert.Empty(MigrationPlanner.Plan(set, [.. set.Migrations.Select(Entry)]).Problems);
    }

    /// <summary>Names of real migrations: a word alone says nothing, and one that takes back another is to run.</summary>
    [Theory]
    [InlineData("1_a.sql 5_scale_down.sql 7_break_down.sql 8_roll_back_prices.sql 9_undo_log.sql")]
    [InlineData("1_add_index.sql 9_revert_add_index.sql")]
    [InlineData("1_price_cut.sql 2_price_cut_rollback.sql")]
    [InlineData("1_undo_a.sql 2_undo_a_down.sql")]
    [InlineData("1_do_it.sql 2_set_up.sql")]
    public void A_migration_whose_name_has_such_a_word_is_run(string names)
    {
        foreach (var name in names.Split(' '))
            _folder.Write($"migrations/{name}", "SELECT 1;");

        var plan = MigrationPlanner.Plan(new ScriptFolder(Known.Files("migrations", _folder["migrations"]), SqlSyntax.Sqlite).Read(), []);

        Assert.Empty(plan.Problems);
        Assert.Equal(names.Split(' ').Length, plan.Pending.Count);
    }

    /// <summary>The tool of the folder would run both parts, and so would we.</summary>
    [Theory]
    [InlineData(MigrationLayout.Sqlx, "-- migrate:up\nA;\n-- migrate:down\nB;\n", "is a migration of dbmate")]
    [InlineData(MigrationLayout.Sqlx, "A;\n-- //@UNDO\nB;\n", "is a migration of MyBatis Migrations")]
    [InlineData(MigrationLayout.Sqlx, "-- up to here\nA;\n", null)]
    [InlineData(MigrationLayout.Dbmate, "-- migrate:up\nA;\n-- migrate:down\nB;\n", null)]
    [InlineData(MigrationLayout.Goose, "-- +goose Up\nA;\n-- +goose Down\nB;\n", null)]
    public void Marks_of_a_tool_that_is_not_the_folders_forbid_to_run_a_pending_file(MigrationLayout layout, string text, string? told)
    {
        _folder.Write("migrations/1_a.sql", text);
        var site = new LayoutSite(
            Known.Files("migrations", _folder["migrations"]), SqliteDialect.Instance, new HistoryPlace(), new Dictionary<string, string>());

        var set = new LayoutChoice(layout, site).Read(new FilesInHand(TimeProvider.System));

        Assert.Empty(set.Problems);
        var problems = MigrationPlanner.Plan(set, []).Problems;
        Assert.Equal(told is null ? 0 : 1, problems.Count);
        Assert.All(problems, problem => Assert.Contains(told!, problem.Message, StringComparison.Ordinal));
        Assert.Empty(MigrationPlanner.Plan(set, [Entry(set.Migrations[0])]).Problems);
    }

    private static HistoryEntry Entry(Migration script) => new()
    {
        Version = script.Version,
        Description = script.Description,
        Checksum = script.Checksum,
        AppliedAt = DateTimeOffset.UnixEpoch,
        DurationMs = 1,
        AppliedBy = "host:1",
        State = HistoryState.Applied,
    };
}
