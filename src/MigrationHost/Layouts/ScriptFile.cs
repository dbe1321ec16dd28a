using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>What came of reading one migration file: a script, or what is wrong with it.</summary>
internal sealed class ScriptFile
{
    private readonly ScriptName _name;
    private readonly string _file;
    private readonly List<ScriptProblem> _problems = [];

    private ScriptFile(ScriptName name, string file) => (_name, _file) = (name, file);

    public Migration? Script { get; private set; }

    public IReadOnlyList<ScriptProblem> Problems => _problems;

    /// <param name="name">Its name, which has a version.</param>
    /// <param name="configured">The path as it is configured, for messages.</param>
    /// <param name="fullPath">The path to open.</param>
    /// <param name="down">The name of the file that undoes it; null where there is none.</param>
    /// <param name="inHand">Is told that it is being read.</param>
    public static ScriptFile Read(ScriptName name, string configured, string fullPath, string? down, FilesInHand inHand)
    {
        var file = new ScriptFile(name, configured);
        try
        {
            if (FileIdentity.IsSpecial(fullPath))
                throw new IOException("it is a pipe, a socket or a device");
            file.Check(fullPath, inHand.Read(configured, () => File.ReadAllBytes(fullPath)), down);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file._problems.Add(ScriptFolder.Unreadable(configured, e));
        }
        return file;
    }

    private void Check(string fullPath, byte[] content, string? down)
    {
        if (ScriptText.Read(content, Add) is not { } text)
            return;
        var header = ScriptHeader.Read(text.FirstComment(), message => Add(1, message));
        if (SqlText.IsBlank(text.Utf8))
            Add(null, "is empty, maybe a copy that was cut off; a migration without work needs a comment that says so");

        // A header that came to stand below a licence or a comment would silently not be one.
        if (text.Utf8.IndexOf("\n-- migrationhost:"u8) is var marker and >= 0)
            Add(text.LineAt(marker + 1), "a header is read on the first line only; move it there");
        if (_problems.Count > 0)
            return;
        var checksum = text.Checksum();
        Script = new Migration
        {
            Version = _name.Version!,
            Description = _name.Description,
            Checksum = checksum,
            OtherChecksums = text.FormerChecksum() is { } former ? [former] : [],
            Header = header,
            Findings = [.. Findings(text, down)],
            File = _file,
            Text = () => Again(fullPath, checksum),
        };
    }

    private static ScriptText? Again(string fullPath, string checksum)
    {
        try
        {
            return ScriptText.Read(File.ReadAllBytes(fullPath), (_, _) => { }) is { } text && text.Checksum() == checksum ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private List<ScriptFinding> Findings(ScriptText text, string? down)
    {
        var findings = new List<ScriptFinding>();
        if (_name.IsDown)
            findings.Add(UpDownFiles.Alone(_file));
        else if (down is not null && UpDownFiles.IsUp(_name.Name))
            findings.Add(UpDownFiles.Pair(_file, down));
        if (FileMarks.Find(_file, text.Utf8) is { } mark)
            findings.Add(mark);
        if (text.ByteOrderMark() is { } line)
        {
            findings.Add(new ScriptFinding(
                "byte-order mark",
                _file,
                line,
                "has a byte-order mark in its middle, as joined files have",
                "Remove it: no editor shows it, and to a server it is part of the next word"));
        }
        return findings;
    }

    private void Add(int? line, string message) => _problems.Add(new ScriptProblem(_file, line, message));
}
