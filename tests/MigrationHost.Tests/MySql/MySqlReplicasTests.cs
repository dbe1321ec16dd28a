using System.Globalization;
using System.Text.RegularExpressions;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.MySql;

/// <summary>Many instances on one database, of which some are killed or stuck.</summary>
[Collection(MariaDbServer.Collection)]
public sealed partial class MySqlReplicasTests(MariaDbServer server)
{
    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task Replicas_apply_every_statement_once_although_the_one_at_work_is_killed()
    {
        var replicas = Torture.IsAsked ? 16 : 4;
        for (var round = 0; round < Torture.Rounds(1); round++)
        {
            await using var database = new MySqlTestDatabase(server);
            database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
            for (var i = 2; i <= 20; i++)
                database.Migration($"{i}_step", i % 4 == 0 ? $"CREATE TABLE t{i} (id INTEGER);\nINSERT INTO a VALUES ({i});\nALTER TABLE t{i} ADD COLUMN x INTEGER;" : $"INSERT INTO a VALUES ({i});");
            var programs = Enumerable.Range(0, replicas).Select(_ => MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()])).ToList();

            // Whoever applies has the turn; it is killed after some migrations.
            var lines = Torture.Chance(round).Next(0, 12);
            await Eventually.BecomesTrueAsync(() => programs.Exists(program => program.HasExited || program.Output.Split("applied ").Length > lines + 1), () => string.Join('\n', programs.Select(program => program.All)));
            var holder = programs.MaxBy(program => program.Output.Split("applied ").Length)!;
            holder.KillNow();

            foreach (var program in programs.Where(program => program != holder))
                Assert.True(await program.ExitAsync() == 0, program.All);
            await holder.ExitAsync();
            Assert.Equal("19|19|20", await database.QueryAsync("SELECT count(*), count(DISTINCT id), (SELECT count(*) FROM migrationhost_history WHERE state = 'applied') FROM a"));
            foreach (var program in programs)
                await program.DisposeAsync();
        }
    }

    [Fact]
    public async Task A_stuck_instance_is_named_and_what_its_remedy_says_hands_the_turn_on()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        var second = database.Migration("2_long", "SELECT SLEEP(1000);");
        await using var stuck = MigrationHostProgram.Start(database.Folder.Path, ["migrate", .. database.Arguments()]);
        await Eventually.BecomesTrueAsync(
            async () => await server.QueryAsync("SELECT count(*) FROM information_schema.processlist WHERE info LIKE '/* migrationhost%SLEEP(1000)'") == "1", () => stuck.All);
        stuck.Stop();
        File.WriteAllText(second, "INSERT INTO a VALUES (2);");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"));
        var run = host.MigrateAsync();

        var status = await host.StatusAsync(status => status.Blockers is [{ Holds: "the turn" }, ..]);
        Assert.Equal($"migrationhost {Environment.MachineName}:{stuck.Pid}", status.Blockers[0].Program);
        foreach (Match kill in Kills().Matches(status.Blockers[0].Hint!))
            await server.QueryAsync(kill.Value);

        Assert.Null(await run);
        Assert.Equal("2", await database.QueryAsync("SELECT id FROM a"));
        stuck.KillNow();
    }

    [Fact]
    public async Task A_transaction_that_this_process_left_open_is_named_and_its_kill_frees_the_alter()
    {
        await using var database = new MySqlTestDatabase(server);
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using (var first = database.Host())
            Assert.Null(await first.MigrateAsync());
        await using var connection = await database.OpenAsync();
        await using (var reads = new MySqlConnector.MySqlCommand("BEGIN; SELECT * FROM a", connection))
            await reads.ExecuteNonQueryAsync();
        database.Migration("2_alter", "ALTER TABLE a ADD COLUMN x INTEGER;");
        await using var host = database.Host(("Timeouts:StallAfter", "00:00:00.200"), ("Timeouts:LockAttempt", "00:00:01"));
        var run = host.MigrateAsync();

        var status = await host.StatusAsync(status => status.Blockers is [{ ThisProcess: true }, ..]);
        Assert.Equal(connection.ServerThread, status.Blockers[0].Pid);
        var kill = Kills().Match(status.Blockers[0].Hint!).Value;
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"KILL {connection.ServerThread}"), kill);
        await server.QueryAsync(kill);

        Assert.Null(await run);
    }

    [GeneratedRegex(@"KILL \d+")]
    private static partial Regex Kills();
}
