using System.Globalization;
using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>
/// Which process this is, in a form from which another one can prove that it is gone: boot, PID namespace, pid and start time. A host's
/// name and a pid prove nothing, since containers share them.
/// </summary>
/// <param name="Boot">The first ten hexadecimal digits of the kernel's boot id.</param>
/// <param name="Namespace">The inode of the PID namespace.</param>
/// <param name="Pid">The process id in that namespace.</param>
/// <param name="Started">When it started, in clock ticks after the boot.</param>
internal sealed record ProcessToken(string Boot, ulong Namespace, int Pid, ulong Started)
{
    /// <summary>This process; null if the system does not say.</summary>
    public static readonly ProcessToken? Own = Read(Environment.ProcessId);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Boot}.{Namespace:x}.{Pid:x}.{Started:x}");

    public static ProcessToken? Parse(string text)
    {
        var parts = text.Split('.');
        return parts.Length == 4
            && ulong.TryParse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var space)
            && int.TryParse(parts[2], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var pid)
            && ulong.TryParse(parts[3], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var started)
            ? new ProcessToken(parts[0], space, pid, started)
            : null;
    }

    /// <summary>
    /// Whether the process is provably gone: we live in the same boot and namespace, and there is no such pid, or it is
    /// another process now. Anything less is not a proof.
    /// </summary>
    public bool IsGone => Own is not null && Boot == Own.Boot && Namespace == Own.Namespace && IsGoneBy(Read(Pid));

    /// <param name="seen">What the system says of the pid now; null if it says nothing: there is no such process, it is hidden from us,
    /// or we have no descriptor left to look.</param>
    public bool IsGoneBy(ProcessToken? seen) => seen is null ? !Exists(Pid) : seen.Started != Started;

    // Signal 0 is not sent: it only asks.
    private static bool Exists(int pid) => LibC.Kill(pid, 0) == 0 || Marshal.GetLastPInvokeError() != LibC.ErrorNoProcess;

    private static ProcessToken? Read(int pid)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
                return null;
            var boot = File.ReadAllText("/proc/sys/kernel/random/boot_id").Replace("-", "", StringComparison.Ordinal)[..10];
            var space = File.ResolveLinkTarget("/proc/self/ns/pid", returnFinalTarget: false)!.Name;
            var stat = File.ReadAllText($"/proc/{pid}/stat");

            // The name of the program, in brackets, may contain anything: count from behind it. The start time is field 22.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            return new ProcessToken(
                boot,
                ulong.Parse(space.AsSpan(5, space.Length - 6), CultureInfo.InvariantCulture),
                pid,
                ulong.Parse(fields[19], CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (
            e is IOException or UnauthorizedAccessException or FormatException or IndexOutOfRangeException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }
}
