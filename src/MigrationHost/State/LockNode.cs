namespace MigrationHost;

/// <summary>One session in the tree of who waits for whom: what it holds, what it waits for, and who waits for it.</summary>
internal sealed record LockNode
{
    /// <summary>As in <see cref="Blocker.Pid"/>; null if it cannot be known.</summary>
    public required int? Pid { get; init; }

    /// <summary>What it holds; empty if that is not visible.</summary>
    public IReadOnlyList<Blocker> Holds { get; init; } = [];

    /// <summary>What it waits for; null at the root.</summary>
    public LockWaiter? Waiter { get; init; }

    /// <summary>Those who wait for it.</summary>
    public IReadOnlyList<LockNode> Waiting { get; init; } = [];

    /// <summary>Who it is.</summary>
    public string Who => Holds is [var held, ..] ? BlockerText.Who(held) : BlockerText.Who(Waiter?.Program, Pid);
}
