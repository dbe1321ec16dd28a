using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>The tools that are seldom seen on MySQL: of their contract what their own table is read and written by, to save time.</summary>
[Collection(MariaDbForRuns.Collection)]
public sealed class LayoutsOnMariaDbTests(MariaDbForRuns server)
{
    private readonly Dictionary<MigrationLayout, LayoutContract> _layouts = new()
    {
        [MigrationLayout.Sqlx] = new SqlxMariaDb(server),
        [MigrationLayout.Morph] = new MorphMariaDb(server),
        [MigrationLayout.Diesel] = new DieselMariaDb(server),
        [MigrationLayout.Prisma] = new PrismaMariaDb(server),
        [MigrationLayout.Drizzle] = new DrizzleMariaDb(server),
        [MigrationLayout.Refinery] = new RefineryMariaDb(server),
    };

    [Theory]
    [InlineData(MigrationLayout.Sqlx)]
    [InlineData(MigrationLayout.Morph)]
    [InlineData(MigrationLayout.Diesel)]
    [InlineData(MigrationLayout.Prisma)]
    [InlineData(MigrationLayout.Drizzle)]
    [InlineData(MigrationLayout.Refinery)]
    public async Task A_history_is_taken_over_in_the_middle_and_a_begun_script_is_resumed(MigrationLayout kind)
    {
        var layout = _layouts[kind];
        await layout.Its_history_is_taken_over_in_the_middle_and_goes_on_in_its_own_form();
        await layout.A_mark_that_our_record_does_not_explain_stops_the_start_until_it_is_resolved();
        if (!Torture.IsAsked)
            return;
        await layout.What_we_began_the_tool_goes_on_with();
        await layout.An_empty_database_is_migrated_where_the_files_show_whose_they_are();
        await layout.Existing_tables_without_its_history_stop_the_start_and_a_baseline_writes_it();
        await layout.A_script_that_its_own_client_runs_writes_its_history();
        await layout.Down_undoes_with_its_own_parts_and_the_tool_goes_on_from_there();
        await layout.A_script_that_breaks_outside_a_transaction_is_resumed();
        await layout.Its_table_may_have_another_name_and_another_schema_and_a_child_process_knows();
        await layout.At_once_with_its_tool_nothing_is_applied_twice();
    }

    [Theory]
    [InlineData(MigrationLayout.Sqlx)]
    [InlineData(MigrationLayout.Prisma)]
    [InlineData(MigrationLayout.Drizzle)]
    [InlineData(MigrationLayout.Refinery)]
    public Task An_accepted_change_is_all_that_changes_in_its_row(MigrationLayout kind) => _layouts[kind] switch
    {
        SqlxMariaDb sqlx => sqlx.An_accepted_change_is_all_that_changes_in_its_row(),
        PrismaMariaDb prisma => prisma.An_accepted_change_is_all_that_changes_in_its_row(),
        DrizzleMariaDb drizzle => drizzle.An_accepted_change_is_all_that_changes_in_its_row(),
        var refinery => ((RefineryMariaDb)refinery).An_accepted_change_is_all_that_changes_in_its_row(),
    };
}
