using System.Text.Json;
using MigrationHost.Databases.Sqlite;
using MigrationHost.Layouts;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Layouts;

/// <summary>Kills, and the tool at the same time.</summary>
public abstract partial class LayoutContract
{
    private const int RowsOfEach = 30;

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Killed_at_any_moment_the_next_start_continues_and_nothing_is_applied_twice()
    {
        var layout = ("Databases:app:Layout", Layout.ToString());
        for (var round = 0; round < Torture.Rounds(StartsNoProgram ? 0 : 1); round++)
        {
            await using var database = await CreateAsync();
            Write(database.Folder, 3);
            WriteRows(database.Folder);
            Alter(database.Folder, "two", text => $"-- migrationhost: transaction=none\n{text}");
            await using (var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(layout)]))
            {
                // The moment differs with every round: while it starts and runs the first one, or soon after a migration is applied.
                var chance = Torture.Chance(round);
                var lines = (round + chance.Next(2)) % 3;
                await Eventually.BecomesTrueAsync(() => program.HasExited || program.Output.Split("applied ").Length > lines, () => program.All);
                using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(lines == 0 ? chance.Next(300, 1200) : chance.Next(1, 40)));
                await moment.WaitForNextTickAsync();
                program.KillNow();
                await program.ExitAsync();
            }

            await using var host = database.Host(layout);
            Assert.Null(await host.MigrateAsync());
            await AssertOnceAsync(database, host);
        }
    }

    [Fact]
    public async Task At_once_with_its_tool_nothing_is_applied_twice()
    {
        if (!HasTool || !MayRunAtOnce)
            return;
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        WriteRows(database.Folder);
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));

        // Without a lock of its own the tool may lose, and so may we: with an error, and with nothing done twice.
        var tool = Record.ExceptionAsync(() => ToolMigratesAsync(database));
        await host.MigrateAsync();
        await tool;

        Assert.Null(await host.MigrateAsync());
        await AssertOnceAsync(database, host);
    }

    /// <summary>Whether its tool and we may run at the same time without a human afterwards.</summary>
    protected virtual bool MayRunAtOnce => true;

    [Fact]
    public async Task A_mark_that_our_record_does_not_explain_stops_the_start_until_it_is_resolved()
    {
        var isMarked = KnownLayouts.Create(Layout, Site).Form.MarksBegun;
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        var file = FileOf(database.Folder, "two");
        var good = File.ReadAllText(file);
        Alter(database.Folder, "two", text => $"-- migrationhost: transaction=none\n{text}\nSELECT nowhere;\n");
        await using var host = database.Host(("Databases:app:Layout", Layout.ToString()));
        Assert.Equal(MigrationErrorCode.MigrationFailed, (await host.MigrateAsync())?.Code);
        var broken = host.Status.Pending[0].Version;
        await database.QueryAsync("DELETE FROM migrationhost_history");
        await database.QueryAsync("DROP TABLE two");
        File.WriteAllText(file, good);

        var error = await host.MigrateAsync();

        if (isMarked)
        {
            Assert.Equal(MigrationErrorCode.HistoryMismatch, error?.Code);
            Assert.Contains("was begun and not finished", error!.Message, StringComparison.Ordinal);
            Assert.Null(await host.Run.ResolveAsync(broken, applied: false, default));
            error = await host.MigrateAsync();
        }
        Assert.Null(error);
        await AssertDoneAsync(database);
    }

    private static LayoutSite Site =>
        new(Known.Files("migrations", "migrations"), SqliteDialect.Instance, new HistoryPlace(), new Dictionary<string, string>());

    private static void WriteRows(TempFolder folder)
    {
        foreach (var table in Tables)
        {
            var rows = Enumerable.Range(1, RowsOfEach).Select(i => $"INSERT INTO {table} VALUES ({i});");
            Alter(folder, table, text => $"{text}{Separator(text)}{string.Join(Separator(text), rows)}\n");
        }
    }

    // Where the tool cuts a file at marks, every statement has one.
    private static string Separator(string text) =>
        text.Contains("--> statement-breakpoint", StringComparison.Ordinal) ? "\n--> statement-breakpoint\n" : "\n";

    private async Task AssertOnceAsync(TestDatabase database, TestHost host)
    {
        Assert.Equal((3, 0), (host.Status.AppliedCount, host.Status.Pending.Count));
        if (HasTool)
            await ToolMigratesAsync(database);
        foreach (var table in Tables)
            Assert.Equal($"{RowsOfEach}|{RowsOfEach}", await database.QueryAsync($"SELECT count(*), count(DISTINCT x) FROM {table}"));
        await database.AssertReleasedAsync();
    }

    /// <summary>For the tools that commit their rows apart from their scripts.</summary>
    protected async Task KilledInTheMiddleNothingIsDirtyAsync()
    {
        if (StartsNoProgram && !Torture.IsAsked)
            return;
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        Alter(database.Folder, "two", text => $"{text}\n{database.Endless}\n");
        var layout = ("Databases:app:Layout", Layout.ToString());
        await using (var program = await ServingProgram.StartAsync(database.Folder.Path, database.Arguments(layout)))
        {
            await program.DatabaseAsync(status => status.GetProperty("running") is { ValueKind: JsonValueKind.Object } running
                && running.GetProperty("statement").GetInt32() == 2);
            program.Program.KillNow();
            await program.Program.ExitAsync();
        }
        Alter(database.Folder, "two", text => text.Replace($"\n{database.Endless}\n", "", StringComparison.Ordinal));
        await using var host = database.Host(layout);

        Assert.Null(await host.MigrateAsync());
        await AssertDoneAsync(database);
        await database.AssertReleasedAsync();
    }
}
