using System.Text.Json;
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
        await using var database = await CreateAsync();
        Write(database.Folder, 3);
        WriteRows(database.Folder);
        Alter(database.Folder, "two", text => $"-- migrationhost: transaction=none\n{text}");
        var layout = ("Databases:app:Layout", Layout.ToString());

        // The moment of the kill differs with every round: after so many lines, and so many milliseconds.
        for (var round = 0; round < Torture.Rounds(2); round++)
        {
            await using var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(layout)]);
            var chance = Torture.Chance(round);
            var lines = chance.Next(3);
            await Eventually.BecomesTrueAsync(() => program.HasExited || program.Output.Split("applied ").Length > lines, () => program.All);
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 40)));
            await moment.WaitForNextTickAsync();
            program.KillNow();
            await program.ExitAsync();
        }

        await using var host = database.Host(layout);
        Assert.Null(await host.MigrateAsync());
        await AssertOnceAsync(database, host);
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
