using System.Text;

namespace MigrationHost.Platform;

/// <summary>
/// The file in which a container leaves its last words: Kubernetes shows them as the reason of a container's end.
/// <see href="https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/"/>
/// </summary>
internal static class TerminationLog
{
    /// <summary>Where Kubernetes mounts it, unless a pod says otherwise.</summary>
    public const string DefaultPath = "/dev/termination-log";

    /// <summary>Kubernetes keeps no more of it.</summary>
    private const int MostBytes = 4096;

    /// <summary>Leaves the last words, if the file exists. Nothing else is made or waited for.</summary>
    /// <param name="words">Why the process ends, in lines of which each may have a message of several: no secrets.</param>
    /// <param name="path">The file.</param>
    public static void Write(IEnumerable<string> words, string path = DefaultPath)
    {
        try
        {
            if (!File.Exists(path))
                return;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            file.SetLength(0);
            file.Write(Start(Encoding.UTF8.GetBytes(string.Join('\n', words.Select(PlainText.Lines)))));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            // The exit code and the log say the same.
        }
    }

    // No character is cut in two.
    private static ReadOnlySpan<byte> Start(byte[] words)
    {
        if (words.Length <= MostBytes)
            return words;
        var end = MostBytes;
        while ((words[end] & 0xC0) == 0x80)
            end--;
        return words.AsSpan(0, end);
    }
}
