using System.Globalization;

namespace MigrationHost.Platform;

/// <summary>What /proc/PID/status says of a process. <see href="https://man7.org/linux/man-pages/man5/proc_pid_status.5.html"/></summary>
/// <param name="State">Its state, one letter: T is stopped by a signal, t by a debugger.</param>
/// <param name="User">The user that it acts as.</param>
/// <param name="IsInit">Whether it is process 1 of its PID namespace.</param>
/// <param name="IsInNamespaceBelow">Whether it lives in a PID namespace below the one we look from.</param>
/// <param name="IgnoresTerm">Whether SIGTERM does nothing to it.</param>
/// <param name="HandlesTerm">Whether it has a handler for SIGTERM.</param>
/// <param name="Debugger">The process that traces it; 0 if none does.</param>
internal sealed record ProcessStatus(
    char State, uint User, bool IsInit, bool IsInNamespaceBelow, bool IgnoresTerm, bool HandlesTerm, int Debugger)
{
    private const ulong TermBit = 1UL << (LibC.SigTerm - 1);

    public bool IsStopped => State is 'T' or 't';

    /// <summary>A process; null if it is gone or hidden.</summary>
    public static ProcessStatus? Of(int pid) =>
        ProcessInfo.Text(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/status")) is { } text ? Parse(text) : null;

    /// <summary>Reads the text; null if it lacks what is needed.</summary>
    public static ProcessStatus? Parse(string text)
    {
        var fields = text.Split('\n').Select(line => line.Split(':', 2)).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => pair[1].Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries));
        if (fields.GetValueOrDefault("State") is not [var state, ..] || fields.GetValueOrDefault("Uid") is not [_, var user, ..])
            return null;
        var pids = fields.GetValueOrDefault("NSpid") ?? fields.GetValueOrDefault("Pid") ?? [];
        return new ProcessStatus(
            state[0],
            uint.Parse(user, CultureInfo.InvariantCulture),
            pids.Length > 0 && pids[^1] == "1",
            pids.Length > 1,
            Has("SigIgn") || Has("SigBlk") && fields.GetValueOrDefault("Threads") is ["1"],
            Has("SigCgt"),
            fields.GetValueOrDefault("TracerPid") is [var tracer] ? int.Parse(tracer, CultureInfo.InvariantCulture) : 0);

        bool Has(string mask) => fields.GetValueOrDefault(mask) is [var bits]
            && (ulong.Parse(bits, NumberStyles.HexNumber, CultureInfo.InvariantCulture) & TermBit) != 0;
    }

    /// <summary>The signal that ends it: <c>kill 4837</c>, <c>kill -KILL 4837</c>; null if no signal from here does.</summary>
    /// <remarks>
    /// A stopped process gets SIGTERM only once it is continued. Process 1 of a PID namespace ignores what it has no
    /// handler for; SIGKILL reaches it only from outside.
    /// </remarks>
    public string? KillCommand(int pid) =>
        IsInit && !HandlesTerm && !IsInNamespaceBelow ? null
        : IsStopped || IgnoresTerm || IsInit && !HandlesTerm ? $"kill -KILL {pid}"
        : $"kill {pid}";
}
