using MigrationHost.Tests.Support;
using Xunit.Abstractions;

namespace MigrationHost.Tests.MySql;

/// <summary>Client and server are killed at random points of scripts of five DDL statements: every statement is done once, without a human.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlTortureTests(MariaDbServer server, ITestOutputHelper output)
{
    private const int Scripts = 6;

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Killed_at_any_point_of_ddl_the_next_start_goes_on_and_nothing_is_done_twice()
    {
        var points = 0;
        for (var round = 0; round < Torture.Rounds(2); round++)
        {
            await using var database = new MySqlTestDatabase(server);
            Write(database);
            var chance = Torture.Chance(round);
            var kills = 0;
            while (true)
            {
                await using var program = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
                using var moment = new CancellationTokenSource();
                var statement = await BegunAsync(database, program);
                if (kills < 4 && statement)
                {
                    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 250)));
                    await timer.WaitForNextTickAsync(moment.Token);
                    kills++;
                    points += program.HasExited ? 0 : 1;
                    program.KillNow();
                    await program.ExitAsync();
                    continue;
                }
                var code = await program.ExitAsync();
                Assert.True(code == 0, program.All);
                break;
            }
            await AssertDoneOnceAsync(database);
        }
        output.WriteLine($"killed at {points} points");
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task With_the_server_killed_at_any_point_of_ddl_the_run_goes_on_and_nothing_is_done_twice()
    {
        var own = MariaDbServer.Durable();
        try
        {
            await own.InitializeAsync();
            var points = 0;
            for (var round = 0; round < Torture.Rounds(1); round++)
            {
                await using var database = new MySqlTestDatabase(own);
                Write(database);
                var chance = Torture.Chance(round);
                await using var host = database.Host();
                var run = host.MigrateAsync();
                for (var kills = 0; kills < 2 && !run.IsCompleted; kills++)
                {
                    await Eventually.BecomesTrueAsync(() => run.IsCompleted || host.Status.Running is not null, () => host.Status.ToString());
                    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 60)));
                    await timer.WaitForNextTickAsync();
                    points += run.IsCompleted ? 0 : 1;
                    await own.KillAsync();
                    await own.StartAsync();
                }
                Assert.Null(await run);
                await AssertDoneOnceAsync(database);
            }
            output.WriteLine($"killed at {points} points");
        }
        finally
        {
            await own.DisposeAsync();
        }
    }

    private static async Task<bool> BegunAsync(MySqlTestDatabase database, RunningProgram program)
    {
        var begun = false;
        await Eventually.BecomesTrueAsync(
            async () => program.HasExited || (begun = await database.CountAsync("information_schema.tables WHERE table_schema = database() AND table_name = 'migrationhost_statement'") > 0
                && await database.CountAsync("migrationhost_history WHERE state = 'started'") > 0),
            () => program.All);
        return begun;
    }

    private static void Write(MySqlTestDatabase database)
    {
        for (var i = 1; i <= Scripts; i++)
            database.Migration(
                $"{i}_ddl",
                $"CREATE TABLE t{i} (id INTEGER AUTO_INCREMENT PRIMARY KEY, x INTEGER);\nINSERT INTO t{i} (x) SELECT {i} FROM seq_1_to_2000;\n"
                    + $"ALTER TABLE t{i} ADD COLUMN y INTEGER, ALGORITHM=COPY;\nCREATE INDEX t{i}_y ON t{i} (y);\nINSERT INTO t{i} (x) VALUES ({i});\n"
                    + $"CREATE VIEW v{i} AS SELECT x, y FROM t{i};\nCREATE TRIGGER g{i} BEFORE INSERT ON t{i} FOR EACH ROW SET NEW.y = 1;\nRENAME TABLE t{i} TO done{i};");
    }

    private static async Task AssertDoneOnceAsync(MySqlTestDatabase database)
    {
        Assert.Equal(Scripts, await database.CountAsync("migrationhost_history WHERE state = 'applied'"));
        for (var i = 1; i <= Scripts; i++)
        {
            Assert.Equal($"{i}|2001", await database.QueryAsync($"SELECT max(x), count(*) FROM done{i}"));
            Assert.Equal(1, await database.CountAsync($"information_schema.statistics WHERE table_schema = database() AND table_name = 'done{i}' AND column_name = 'y'"));
        }
    }
}
