using MigrationHost.Platform;

namespace MigrationHost.Scripts;

/// <summary>What came of reading one migration file: a script, or what is wrong with it.</summary>
internal sealed class ScriptFile
{
    private readonly List<ScriptProblem> _problems = [];

    private ScriptFile(string file) => File = file;

    /// <summary>The path as it is configured, for messages.</summary>
    public string File { get; }

    public MigrationScript? Script { get; private set; }

    public IReadOnlyList<ScriptProblem> Problems => _problems;

    public static ScriptFile Read(string configured, string fullPath)
    {
        var file = new ScriptFile(configured);
        try
        {
            if (FileIdentity.IsSpecial(fullPath))
                throw new IOException("it is a pipe, a socket or a device");
            file.Check(fullPath, System.IO.File.ReadAllBytes(fullPath));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file._problems.Add(ScriptFolder.Unreadable(configured, e));
        }
        return file;
    }

    private void Check(string fullPath, byte[] content)
    {
        var (version, description) = ParseName(Path.GetFileNameWithoutExtension(fullPath));
        if (version is null)
            Add(null, "has no version and description in its name; name it <digits>_<description>.sql, for example 12_add_orders.sql");
        if (ScriptText.Read(content, Add) is not { } text)
            return;
        var header = ScriptHeader.Read(text.FirstComment(), message => Add(1, message));
        if (SqlText.BlankLength(text.Utf8) == text.Utf8.Length)
            Add(null, "has no statement in it; write SELECT 1; if it is meant to do nothing");

        // A header that came to stand below a licence or a comment would silently not be one.
        if (text.Utf8.IndexOf("\n-- migrationhost:"u8) is var marker and >= 0)
            Add(text.LineAt(marker + 1), "a header counts on the first line only; move it there");
        if (_problems.Count > 0)
            return;
        Script = new MigrationScript
        {
            Version = version!,
            Description = description,
            Checksum = text.Checksum(),
            Header = header,
            File = File,
            FullPath = fullPath,
        };
    }

    private void Add(int? line, string message) => _problems.Add(new ScriptProblem(File, line, message));

    private static (MigrationVersion? Version, string Description) ParseName(string name)
    {
        var end = name.IndexOf('_', StringComparison.Ordinal);
        var description = end < 0 ? "" : name[end..].Replace('_', ' ').Trim();
        return description.Length > 0 && MigrationVersion.TryParse(name.AsSpan(0, end), out var version) ? (version, description) : (null, "");
    }
}
