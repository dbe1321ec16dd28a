using MigrationHost.Commands;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Program;

/// <summary>`migrate` outside of a terminal, in the log of an init container say, does not leave its reader alone with a long statement.</summary>
public sealed class SilenceTests
{
    [Fact]
    public void What_goes_on_is_said_after_ten_seconds_and_then_ever_more_seldom()
    {
        var time = new ManualTime();
        var silence = new Silence(time);
        List<int> said = [];

        for (var second = 1; second <= 1300; second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            if (silence.IsOver())
                said.Add(second);
        }

        Assert.Equal([10, 30, 70, 150, 310, 610, 910, 1210], said);
    }

    [Fact]
    public void What_is_said_otherwise_begins_it_anew()
    {
        var time = new ManualTime();
        var silence = new Silence(time);
        time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(silence.IsOver());
        time.Advance(TimeSpan.FromSeconds(9));

        silence.Break();
        time.Advance(TimeSpan.FromSeconds(9));
        Assert.False(silence.IsOver());
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.True(silence.IsOver());
    }

    [Fact]
    [Trait(Torture.Trait, Torture.Category)]
    public async Task A_long_statement_is_named_and_so_is_the_instance_that_is_waited_for()
    {
        if (!Torture.IsAsked)
            return; // it waits for ten seconds twice
        using var folder = new TempFolder();
        folder.Write("migrations/1_endless.sql", "CREATE TABLE a (id);\nWITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x FROM c) SELECT count(*) FROM c;\n");
        string[] command = ["migrate", "--MigrationHost:Databases:app:ConnectionString=Data Source=app.db"];
        await using var first = MigrationHostProgram.Start(folder.Path, command);
        await Eventually.BecomesTrueAsync(
            () => first.Output.Contains("app  applying 1 endless, statement 2 of 2, 0 of 1 applied", StringComparison.Ordinal), () => first.All);
        await using var second = MigrationHostProgram.Start(folder.Path, command);

        await Eventually.BecomesTrueAsync(
            () => second.Output.Contains($":{first.Pid} to end (applying 1 endless, statement 2)", StringComparison.Ordinal), () => second.All);
    }
}
