using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>What came of reading one migration file: a script, or what is wrong with it.</summary>
internal sealed class ScriptFile
{
    private readonly ScriptName _name;
    private readonly string _file;
    private readonly SqlSyntax _syntax;
    private readonly IReadOnlyDictionary<string, string> _placeholders;
    private readonly List<ScriptProblem> _problems = [];
    private Func<Migration?> _down = () => null;

    private ScriptFile(ScriptName name, string file, SqlSyntax syntax, IReadOnlyDictionary<string, string> placeholders) =>
        (_name, _file, _syntax, _placeholders) = (name, file, syntax, placeholders);

    public Migration? Script { get; private set; }

    public IReadOnlyList<ScriptProblem> Problems => _problems;

    /// <param name="name">Its name, which has a version.</param>
    /// <param name="files">Where it is.</param>
    /// <param name="syntax">How its text is to be read.</param>
    /// <param name="down">The name of the file that undoes it; null where there is none.</param>
    /// <param name="placeholders">The values of <c>${name}</c>; none if that is nothing but text.</param>
    /// <param name="inHand">Is told that it is being read.</param>
    public static ScriptFile Read(
        ScriptName name,
        MigrationFiles files,
        SqlSyntax syntax,
        string? down,
        IReadOnlyDictionary<string, string> placeholders,
        FilesInHand inHand)
    {
        var file = new ScriptFile(name, files.Show(name.Name), syntax, placeholders);
        if (down is not null)
            file._down = () => Read(new ScriptName(down), files, syntax, null, placeholders, inHand).Undoes(name);
        try
        {
            file.Check(() => files.ReadLarge(name.Name), inHand, down);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            file._problems.Add(ScriptFolder.Unreadable(file._file, e));
        }
        return file;
    }

    // That its name says that it undoes a migration is no finding here.
    private Migration Undoes(ScriptName migration)
    {
        ScriptProblem.ThrowIfAny(_problems, []);
        return Script! with
        {
            Description = migration.Description,
            Findings = [.. Script.Findings.Where(finding => finding.WhilePending)],
        };
    }

    private void Check(Func<ReadOnlyMemory<byte>> read, FilesInHand inHand, string? down)
    {
        if (ScriptText.Read(inHand.Read(_file, read), _syntax, Add) is not { } text)
            return;
        var header = ScriptHeader.Read(text.FirstComment(), message => Add(1, message));
        if (text.Utf8.StartsWith("version https://git-lfs.github.com/spec/"u8))
            Add(1, "is a pointer of Git LFS, and the file that it points to was not fetched; run 'git lfs pull' before the build");
        if (SqlText.IsBlank(text.Utf8))
            Add(null, "is empty, maybe a copy that was cut off; a migration without work needs a comment that says so");

        if (_name.IsCallback && header is not { WithoutTransaction: false, IsBreaking: false })
            Add(1, "is a callback: it always runs in a transaction and leaves nothing in the history");

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
            OtherChecksums = [.. text.FormerChecksums()],
            Header = header,
            Repeats = _name.Repeats,
            Down = _down,
            Findings = [.. Findings(text, down)],
            File = _file,
            Text = () => Again(read, checksum) is { } again ? Filled(again) : null,
        };
    }

    private ScriptText? Again(Func<ReadOnlyMemory<byte>> read, string checksum)
    {
        try
        {
            return ScriptText.Read(read(), _syntax, (_, _) => { }) is { } text && text.Checksum() == checksum ? text : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ScriptText Filled(ScriptText text) => _placeholders.Count == 0 ? text : ScriptText.Of(Fill(text).Text, text.Syntax);

    private PlaceholderText Fill(ScriptText text) => PlaceholderText.Of(text, name => _placeholders.GetValueOrDefault(name));

    private List<ScriptFinding> Findings(ScriptText text, string? down)
    {
        var findings = new List<ScriptFinding>();
        if (_name.IsDown)
            findings.Add(UpDownFiles.Alone(_file));
        else if (down is not null && UpDownFiles.IsUp(_name.Name))
            findings.Add(UpDownFiles.Pair(_file, down));
        if (FileMarks.Find(_file, text) is { } mark)
            findings.Add(mark);
        if (_placeholders.Count > 0)
        {
            findings.AddRange(Fill(text).Unknown.Select(one => new ScriptFinding(
                one.Written,
                _file,
                one.Line,
                PlaceholderText.Problem(one.Written),
                PlaceholderText.Remedy(one.Name)) { WhilePending = true }));
        }
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
