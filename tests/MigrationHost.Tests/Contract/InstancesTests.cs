using MigrationHost.Databases.MySql;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Layouts;
using MigrationHost.Scripts;

namespace MigrationHost.Tests.Contract;

/// <summary>What instances of different releases must agree on: docs/instances.md has it. Who changes a value here lets two releases migrate at once.</summary>
public sealed class InstancesTests
{
    [Theory]
    [InlineData("public", 3909002458742790124)]
    [InlineData("Shop \"one\"", 3995553186756921178)]
    public void The_locks_of_the_turn_are_those_of_every_release(string schema, long key) =>
        Assert.Equal(key, PostgreSqlSide.Key(new PostgreSqlHistory(OwnHistory.Form, schema)));

    [Fact]
    public void The_names_of_the_turns_locks_on_mariadb_are_those_of_every_release() => Assert.Equal(
        ("migrationhost:f006749517b74395b3a3b97bdaf24134", "migrationhost:f006749517b74395b3a3b97bdaf24134:work"),
        MySqlDatabase.TurnNamesOf("app"));

    [Fact]
    public void The_file_of_the_turn_is_that_of_every_release() =>
        Assert.Equal("/data/app.db-migrationhost", TurnFile.PathFor("/data/app.db"));

    [Fact]
    public void The_name_of_a_session_begins_as_in_every_release() =>
        Assert.StartsWith("migrationhost:", ApplicationName.Own, StringComparison.Ordinal);

    [Fact]
    public void The_history_has_the_columns_that_every_release_reads()
    {
        Assert.Equal("migrationhost_history", OwnHistory.Form.Table);
        string[] columns =
            ["version", "description", "checksum", "applied_at", "duration_ms", "applied_by", "state", "statements_done", "done_checksum"];
        Assert.Equal(columns, OwnHistory.Form.Columns(SqliteDialect.Instance));
        Assert.Equal([.. columns, "statement_begun"], OwnHistory.Form.Columns(PostgreSqlDialect.Instance));
        Assert.Equal([.. columns, "statement_begun"], OwnHistory.Form.Columns(MySqlDialect.Instance));
    }
}
