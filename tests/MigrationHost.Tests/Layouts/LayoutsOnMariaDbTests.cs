using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>Of the tests of each layout those that another database can make fail: what a folder is read as is the same on all. Of the tools
/// that are seldom seen on MySQL only their table is looked at, unless it is <c>tests/torture</c> that runs.</summary>
[Collection(MariaDbForRuns.Collection)]
public sealed class LayoutsOnMariaDbTests(MariaDbForRuns server)
{
    private static readonly MigrationLayout[] MostUsed =
        [MigrationLayout.GolangMigrate, MigrationLayout.Goose, MigrationLayout.Dbmate, MigrationLayout.Flyway];

    private static readonly MigrationLayout[] All = [.. Enum.GetValues<MigrationLayout>().Except([MigrationLayout.Auto, MigrationLayout.Own])];

    private static readonly string[] OfAll =
    [
        nameof(LayoutContract.Its_history_is_taken_over_in_the_middle_and_goes_on_in_its_own_form),
        nameof(LayoutContract.A_mark_that_our_record_does_not_explain_stops_the_start_until_it_is_resolved),
    ];

    private static readonly string[] OfMostUsed =
    [
        nameof(LayoutContract.What_we_began_the_tool_goes_on_with),
        nameof(LayoutContract.An_empty_database_is_migrated_where_the_files_show_whose_they_are),
        nameof(LayoutContract.Existing_tables_without_its_history_stop_the_start_and_a_baseline_writes_it),
        nameof(LayoutContract.A_script_that_its_own_client_runs_writes_its_history),
        nameof(LayoutContract.Down_undoes_with_its_own_parts_and_the_tool_goes_on_from_there),
        nameof(LayoutContract.A_script_that_breaks_outside_a_transaction_is_resumed),
        nameof(LayoutContract.A_plain_pair_of_BEGIN_and_COMMIT_and_a_file_of_comments_are_applied),
        nameof(LayoutContract.Its_table_may_have_another_name_and_another_schema_and_a_child_process_knows),
        nameof(LayoutContract.At_once_with_its_tool_nothing_is_applied_twice),
        nameof(LayoutContract.Killed_at_any_moment_the_next_start_continues_and_nothing_is_applied_twice),
    ];

    private static readonly (MigrationLayout Kind, string[] Tests)[] OfOne =
    [
        (MigrationLayout.GolangMigrate,
        [
            nameof(GolangMigrateTests.A_script_that_breaks_outside_a_transaction_is_dirty_to_the_tool_and_resumed_by_us),
            nameof(GolangMigrateTests.Somebody_else_may_have_finished_what_we_began),
        ]),
        (MigrationLayout.Goose,
        [
            nameof(GooseTests.A_row_that_takes_a_version_back_makes_it_pending_again),
            nameof(GooseTests.Outside_a_transaction_runs_what_its_mark_says),
        ]),
        (MigrationLayout.Dbmate,
        [
            nameof(DbmateTests.It_rolls_back_what_we_have_applied),
            nameof(DbmateTests.A_late_migration_is_applied_and_a_missing_file_is_no_fault_as_for_dbmate),
            nameof(DbmateTests.The_history_of_golang_migrate_is_not_taken_for_its_own),
        ]),
        (MigrationLayout.Flyway,
        [
            nameof(FlywayTests.An_accepted_change_is_all_that_changes_in_its_row),
            nameof(FlywayTests.A_file_that_is_called_otherwise_than_when_it_was_applied_is_refused_until_that_is_accepted),
            nameof(FlywayTests.A_repeatable_migration_runs_last_and_again_whenever_it_has_changed),
            nameof(FlywayTests.A_baseline_of_its_own_stands_for_everything_up_to_it_and_a_broken_row_stops_the_start),
        ]),
        (MigrationLayout.Sqlx, [nameof(SqlxTests.An_accepted_change_is_all_that_changes_in_its_row)]),
        (MigrationLayout.Prisma, [nameof(PrismaTests.An_accepted_change_is_all_that_changes_in_its_row)]),
        (MigrationLayout.Drizzle, [nameof(DrizzleTests.An_accepted_change_is_all_that_changes_in_its_row)]),
        (MigrationLayout.Refinery, [nameof(RefineryTests.An_accepted_change_is_all_that_changes_in_its_row)]),
    ];

    public static TheoryData<MigrationLayout, string> Tests
    {
        get
        {
            var tests = new TheoryData<MigrationLayout, string>();
            foreach (var kind in All)
            {
                var isFull = Torture.IsAsked || MostUsed.Contains(kind);
                foreach (var test in (string[])[.. OfAll, .. isFull ? OfMostUsed : [], .. OfOne.Where(one => one.Kind == kind).SelectMany(one => one.Tests)])
                    tests.Add(kind, test);
            }
            return tests;
        }
    }

    [Theory]
    [MemberData(nameof(Tests))]
    public Task It_is_as_on_other_databases(MigrationLayout kind, string test)
    {
        var layout = Create(kind);
        return (Task)layout.GetType().GetMethod(test)!.Invoke(layout, null)!;
    }

    [Theory]
    [InlineData(true, "2|clean")]
    [InlineData(false, "1|clean")]
    public Task A_dirty_row_stops_the_start_until_it_is_resolved(bool applied, string row) =>
        new GolangMigrateMariaDb(server).A_dirty_row_stops_the_start_until_it_is_resolved(applied, row);

    private LayoutContract Create(MigrationLayout kind) => kind switch
    {
        MigrationLayout.GolangMigrate => new GolangMigrateMariaDb(server),
        MigrationLayout.Goose => new GooseMariaDb(server),
        MigrationLayout.Dbmate => new DbmateMariaDb(server),
        MigrationLayout.Flyway => new FlywayMariaDb(server),
        MigrationLayout.Sqlx => new SqlxMariaDb(server),
        MigrationLayout.Morph => new MorphMariaDb(server),
        MigrationLayout.Diesel => new DieselMariaDb(server),
        MigrationLayout.Prisma => new PrismaMariaDb(server),
        MigrationLayout.Drizzle => new DrizzleMariaDb(server),
        MigrationLayout.Refinery => new RefineryMariaDb(server),
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };
}
