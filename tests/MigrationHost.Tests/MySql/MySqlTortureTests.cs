using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Client and server are killed at random points of scripts of five DDL statements: every statement is done once, without a human.</summary>
[Collection(MariaDbServer.Collection)]
public sealed class MySqlTortureTests(MariaDbServer server)
{
    private const int Scripts = 6;

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Killed_at_any_point_of_ddl_the_next_start_goes_on_and_nothing_is_done_twice()
    {
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
                    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 40)));
                    await timer.WaitForNextTickAsync(moment.Token);
                    kills++;
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
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task With_the_server_killed_at_any_point_of_ddl_the_run_goes_on_and_nothing_is_done_twice()
    {
        var own = new MariaDbServer();
        try
        {
            await own.InitializeAsync();
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
                    await own.KillAsync();
                    await own.StartAsync();
                }
                Assert.Null(await run);
                await AssertDoneOnceAsync(database);
            }
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
                $"CREATE TABLE t{i} (id INTEGER AUTO_INCREMENT PRIMARY KEY, x INTEGER);\nALTER TABLE t{i} ADD COLUMN y INTEGER;\n"
                    + $"CREATE INDEX t{i}_y ON t{i} (y);\nINSERT INTO t{i} (x) VALUES ({i});\nCREATE VIEW v{i} AS SELECT x, y FROM t{i};\nRENAME TABLE t{i} TO done{i};");
    }

    private static async Task AssertDoneOnceAsync(MySqlTestDatabase database)
    {
        Assert.Equal(Scripts, await database.CountAsync("migrationhost_history WHERE state = 'applied'"));
        for (var i = 1; i <= Scripts; i++)
        {
            Assert.Equal($"{i}", await database.QueryAsync($"SELECT x FROM done{i}"));
            Assert.Equal(1, await database.CountAsync($"information_schema.statistics WHERE table_schema = database() AND table_name = 'done{i}' AND column_name = 'y'"));
        }
    }
}
