using System.Globalization;
using System.Text;
using MigrationHost.Platform;

namespace MigrationHost.Output;

/// <summary>
/// Whether the process may open as many files as .NET needs to load a program. With fewer it ends somewhere with "out of memory", or with
/// an assembly that it does not find.
/// </summary>
internal static class OpenFileLimit
{
    private const int ToServe = 256;
    private const int ToRunCommand = 160;
    private const int MostOpenFiles = 4;

    /// <summary>Says on stderr that it may not. With as little of .NET as can be: nothing else may be loaded yet.</summary>
    /// <param name="serves">Whether it is to serve, which takes more.</param>
    public static bool IsTooLow(bool serves)
    {
        var needed = serves ? ToServe : ToRunCommand;
        if (!OperatingSystem.IsLinux() || LibC.SysConf(MostOpenFiles) is not (> 0 and var limit) || limit >= needed)
            return false;
        var words = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"invalid configuration: this process may open {limit} files and needs {needed}: raise the limit (ulimit -n, LimitNOFILE)\n"));
        _ = new StandardStream(StandardStream.Error).Write(words, out _);
        return true;
    }
}
