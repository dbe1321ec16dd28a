namespace MigrationHost.Platform;

/// <summary>One process of a tree.</summary>
/// <param name="Pid">Its process id.</param>
/// <param name="Program">Its program's name, as the system shortens it.</param>
/// <param name="State">The kernel's letter: R runs, S sleeps, D waits for a device, T is stopped, Z has ended.</param>
/// <param name="Started">When it started, in clock ticks since boot: with the pid it names one process for ever.</param>
internal readonly record struct TreeProcess(int Pid, string Program, char State, ulong Started)
{
    /// <summary>Whether it is the same process at another moment.</summary>
    public bool IsSame(TreeProcess other) => Pid == other.Pid && Started == other.Started;
}
