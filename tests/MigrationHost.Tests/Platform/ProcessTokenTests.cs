using System.Diagnostics;
using MigrationHost.Platform;

namespace MigrationHost.Tests.Platform;

public sealed class ProcessTokenTests
{
    private static readonly ProcessToken Own = ProcessToken.Own!;

    [Fact]
    public void A_process_that_runs_is_not_gone_even_where_the_system_does_not_show_it()
    {
        Assert.False(Own.IsGone);
        Assert.False(Own.IsGoneBy(null));
        Assert.False((Own with { Pid = 1, Started = 0 }).IsGoneBy(null));
    }

    [Fact]
    public void A_process_that_has_ended_or_is_another_one_now_is_gone()
    {
        using var ended = Process.Start("true");
        ended.WaitForExit();

        Assert.True((Own with { Pid = ended.Id }).IsGone);
        Assert.True((Own with { Pid = ended.Id }).IsGoneBy(null));
        Assert.True((Own with { Started = Own.Started + 1 }).IsGone);
    }

    [Fact]
    public void Of_another_boot_or_namespace_nothing_is_known()
    {
        Assert.False((Own with { Boot = "0123456789", Started = 0 }).IsGone);
        Assert.False((Own with { Namespace = Own.Namespace + 1, Started = 0 }).IsGone);
        Assert.Equal(Own, ProcessToken.Parse(Own.ToString()));
    }
}
