using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.PostgreSql;

/// <summary>Many instances on one database: one migrates, the others watch it move.</summary>
[Collection(PostgreSqlCluster.ForRuns)]
public sealed class PostgreSqlReplicasTests(PostgreSqlCluster cluster)
{
    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Sixteen_processes_apply_fifty_migrations_once_each()
    {
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using var database = new PostgreSqlTestDatabase(cluster);
            database.Migration("1_create", "CREATE TABLE a (id int);");
            for (var i = 2; i <= 50; i++)
                database.Migration($"{i}_insert", $"INSERT INTO a VALUES ({i});");

            var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => MigrationHostProgram.RunAsync(database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:Turn", "00:00:10"))])));

            Assert.All(results, result => Assert.True(result.Code == 0, result.Output + result.Errors));
            Assert.Equal("49|49|50", await database.QueryAsync("SELECT count(*), count(DISTINCT id), (SELECT count(*) FROM migrationhost_history) FROM a"));
            await database.AssertReleasedAsync();
        }
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task The_holder_is_killed_at_a_random_moment_and_the_rest_finish()
    {
        for (var round = 0; round < Torture.Rounds(2); round++)
        {
            await using var database = new PostgreSqlTestDatabase(cluster);
            database.Migration("1_create", "CREATE TABLE a (id int);");
            for (var i = 2; i <= 20; i++)
                database.Migration($"{i}_insert", $"{(i % 4 == 0 ? "-- migrationhost: transaction=none\n" : "")}INSERT INTO a VALUES ({i});\n{(i % 5 == 0 ? "SELECT pg_sleep(0.1);" : "")}");
            var programs = Enumerable.Range(0, 4).Select(_ => MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:Turn", "00:00:10"))])).ToList();

            // Whoever applies has the turn; it is killed after some migrations and some milliseconds.
            var chance = Torture.Chance(round);
            var lines = chance.Next(0, 12);
            await Eventually.BecomesTrueAsync(() => programs.Exists(program => program.HasExited || program.Output.Split("applied ").Length > lines + 1), () => string.Join('\n', programs.Select(program => program.All)));
            using var moment = new PeriodicTimer(TimeSpan.FromMilliseconds(chance.Next(1, 40)));
            await moment.WaitForNextTickAsync();
            var holder = programs.MaxBy(program => program.Output.Split("applied ").Length)!;
            holder.KillNow();

            foreach (var program in programs.Where(program => program != holder))
                Assert.True(await program.ExitAsync() == 0, program.All);
            await holder.ExitAsync();
            Assert.Equal("19|19|20", await database.QueryAsync("SELECT count(*), count(DISTINCT id), (SELECT count(*) FROM migrationhost_history WHERE state = 'applied') FROM a"));
            await database.AssertReleasedAsync();
            foreach (var program in programs)
                await program.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_killed_holder_whose_statement_runs_on_does_not_keep_the_turn()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE a (id int);\nINSERT INTO a VALUES (1);");
        var endless = database.Migration("2_endless", "SELECT pg_sleep(100000);");
        await using var holder = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await Eventually.BecomesTrueAsync(async () => await database.QueryAsync("SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep(1000%' AND datname = current_database()") == "1", () => holder.All);
        holder.KillNow();
        await holder.ExitAsync();

        File.WriteAllText(endless, "INSERT INTO a VALUES (2);");
        await using var host = database.Host(("Timeouts:Turn", "00:00:20"));
        Assert.Null(await host.MigrateAsync());
        Assert.Equal("2", await database.QueryAsync("SELECT count(*) FROM a"));
    }

    /// <summary>Two replicas wait while a third builds an index: a waiter that held a snapshot would never let it finish.</summary>
    [Fact]
    public async Task An_index_is_built_concurrently_while_others_wait_for_their_turn()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_create", "CREATE TABLE t (id int);\nINSERT INTO t SELECT generate_series(1, 300000);");
        database.Migration("2_index", "-- migrationhost: transaction=none\nCREATE INDEX CONCURRENTLY t_id ON t (id);\nREINDEX INDEX CONCURRENTLY t_id;");

        var results = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => MigrationHostProgram.RunAsync(database.Folder.Path, ["migrate", .. database.Arguments(("Timeouts:Turn", "00:00:20"))])));

        Assert.All(results, result => Assert.True(result.Code == 0, result.Output + result.Errors));
        await database.AssertReleasedAsync();
    }

    [Fact]
    public async Task Who_waits_sees_what_the_holder_is_doing()
    {
        await using var database = new PostgreSqlTestDatabase(cluster);
        database.Migration("1_sleep", "SELECT pg_sleep(100000);");
        await using var holder = database.Host();
        using var stop = new CancellationTokenSource();
        var holding = holder.MigrateAsync(stop.Token);
        await Eventually.BecomesTrueAsync(() => holder.Status.Running is { Statement: 1 }, () => holder.Status.ToString());
        await using var waiter = database.Host();
        var waiting = waiter.MigrateAsync(stop.Token);

        await Eventually.BecomesTrueAsync(
            () => waiter.Status is { Phase: MigrationPhase.WaitingForTurn, WaitingFor.What: var what } && what.Contains($"the turn of {Instance.Name} to end (applying 1 sleep, statement 1)", StringComparison.Ordinal),
            () => waiter.Status.ToString());

        await stop.CancelAsync();
        Assert.Equal(MigrationErrorCode.Interrupted, (await holding)?.Code);
        Assert.Equal(MigrationErrorCode.Interrupted, (await waiting)?.Code);
        await database.AssertReleasedAsync();
    }

    /// <summary>More rounds where somebody wants to be sure.</summary>
}
