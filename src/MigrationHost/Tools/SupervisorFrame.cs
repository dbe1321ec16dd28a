namespace MigrationHost.Tools;

/// <summary>
/// What the supervisor says on its standard output: a kind, the length of what follows (four bytes, little-endian), and that.
/// </summary>
internal static class SupervisorFrame
{
    /// <summary>Grows when a supervisor and a host of different versions would misunderstand each other.</summary>
    public const string Protocol = "1";

    public const int HeaderLength = 5;

    /// <summary>No frame is longer than this.</summary>
    public const int LongestContent = 65536;

    /// <summary>The tool runs.</summary>
    public const byte Started = (byte)'P';

    /// <summary>Bytes of its standard output.</summary>
    public const byte Output = (byte)'O';

    /// <summary>Bytes of its standard error.</summary>
    public const byte Errors = (byte)'E';

    /// <summary>It could not be started: the system's reason.</summary>
    public const byte Failed = (byte)'F';

    /// <summary>A process that could not be ended: its pid.</summary>
    public const byte Left = (byte)'L';

    /// <summary>Everything has ended, with this exit code of the tool.</summary>
    public const byte ExitCode = (byte)'X';

    /// <summary>Everything has ended, the tool by this signal.</summary>
    public const byte ExitSignal = (byte)'S';

    /// <summary>To the supervisor, on its standard input: end the tool within its grace. The end of that input: kill everything.</summary>
    public const byte Stop = (byte)'T';
}
