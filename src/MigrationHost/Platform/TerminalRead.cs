using System.Globalization;
using System.Runtime.InteropServices;

namespace MigrationHost.Platform;

/// <summary>Sees a process that waits for input from a terminal which it has opened itself.</summary>
internal static class TerminalRead
{
    // read(2) on x86-64 and on the architectures that came later; others are not looked at.
    private static readonly string? ReadCall = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => "0",
        Architecture.Arm64 or Architecture.RiscV64 or Architecture.LoongArch64 => "63",
        _ => null,
    };

    /// <summary>The terminal that a process reads from right now; null if it does not, or that is not shown to us.</summary>
    public static string? By(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/syscall").Split(' ') is [var call, ['0', 'x', .. var descriptor], ..] && call == ReadCall
                && int.TryParse(descriptor, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number)
                && File.ResolveLinkTarget($"/proc/{pid}/fd/{number}", returnFinalTarget: false)?.FullName is { } file && IsTerminal(file)
                ? file
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static bool IsTerminal(string file) =>
        file.StartsWith("/dev/pts/", StringComparison.Ordinal)
            || file.StartsWith("/dev/tty", StringComparison.Ordinal)
            || file == "/dev/console";
}
