namespace MigrationHost.Tests.State;

/// <summary>Who waits for whom, from the root holders down.</summary>
public sealed class LockTreeTests
{
    [Fact]
    public void A_chain_is_drawn_from_its_root_down() => AssertTree("1(2(3))", Report([1, 2], (2, [1]), (3, [2])));

    [Fact]
    public void Who_waits_for_two_is_drawn_once() => AssertTree("1(3) 2", Report([1, 2], (3, [1, 2])));

    [Fact]
    public void A_root_that_is_no_holder_we_know_is_drawn_all_the_same() => AssertTree("9(3)", Report([], (3, [9])));

    [Fact]
    public void A_circle_ends() => AssertTree("1(2)", Report([1, 2], (1, [2]), (2, [1])));

    [Fact]
    public void Who_has_no_pid_is_a_root_of_its_own_and_who_waits_without_one_is_drawn_below() =>
        AssertTree("1(-) - -", Report([1, null], (null, [1]), (null, [])));

    [Fact]
    public void Who_waits_for_one_without_a_pid_is_drawn_once_and_below_it() =>
        AssertTree("-(5)", new LockReport
        {
            Database = "app",
            DiagnosedAt = DateTimeOffset.UnixEpoch,
            Holders = [Holder(5), Holder(null) with { Id = -7 }],
            Waiters = [new LockWaiter(5, "psql", "a lock", 1, []) { Behind = [-7] }],
        });

    [Fact]
    public void Who_waits_for_nobody_comes_before_who_waits_for_one_that_is_not_visible() =>
        AssertTree("2 5", Report([5, 2], (5, [])));

    [Fact]
    public void Nobody_is_no_tree() => AssertTree("", Report([]));

    private static void AssertTree(string expected, LockReport report) => Assert.Equal(expected, string.Join(' ', LockTree.Of(report).Select(Draw)));

    private static string Draw(LockNode node) =>
        $"{(node.Pid is { } pid ? $"{pid}" : "-")}{(node.Waiting.Count == 0 ? "" : $"({string.Join(' ', node.Waiting.Select(Draw))})")}";

    private static Blocker Holder(int? pid) => new() { Pid = pid, Program = "psql", Holds = "a lock", Resource = "a table" };

    private static LockReport Report(int?[] holders, params (int? Pid, int[] BlockedBy)[] waiters) => new()
    {
        Database = "app",
        DiagnosedAt = DateTimeOffset.UnixEpoch,
        Holders = [.. holders.Select(Holder)],
        Waiters = [.. waiters.Select(waiter => new LockWaiter(waiter.Pid, "psql", "a lock", 1, waiter.BlockedBy))],
    };
}
