using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder of another tool, read as that tool reads it, before any database is touched.</summary>
/// <param name="configured">The folder as it is configured, for messages.</param>
/// <param name="fullPath">The folder to read.</param>
/// <param name="layout">Whose it is.</param>
internal sealed class ToolFolder(string configured, string fullPath, ToolLayout layout) : IMigrationSource
{
    public string Place => configured;

    public string Folder => fullPath;

    public IComparer<string> Order => layout.Order;

    public string? ReadId(string text, out string problem) => layout.ReadId(text, out problem);

    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now) =>
        [.. layout.Next(new FolderNames(fullPath), NextVersion.Slug(title), now)];

    public MigrationSet Read(FilesInHand inHand)
    {
        var problems = new List<ScriptProblem>();
        var migrations = new List<Migration>();
        try
        {
            var files = layout.Files(new FolderNames(fullPath), (name, why) => problems.Add(Problem(name, null, why))).ToList();
            var read = new (Migration? Migration, List<ScriptProblem> Problems)[files.Count];
            Parallel.For(0, files.Count, i => read[i] = Read(files[i], inHand));
            problems.AddRange(read.SelectMany(one => one.Problems));
            migrations.AddRange(read.Select(one => one.Migration).OfType<Migration>());
            migrations.Sort((one, other) => layout.Order.Compare(one.Version, other.Version));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(ScriptFolder.Unreadable(configured, e));
        }
        problems.AddRange(ScriptFolder.Twice(migrations));
        return new MigrationSet(configured, layout.Order)
        {
            Migrations = migrations,
            Problems = [.. problems.OrderBy(problem => problem.File, StringComparer.Ordinal)],
            IsRepeatable = layout.IsRepeatable,
            RunsLate = layout.RunsLate,
            MayLack = layout.MayLack,
            MayChange = layout.MayChange,
            Empty = Problem("", null, $"has no migration of {layout.Tool} (looked in {fullPath} for {layout.Example}). "
                + "Mount or name the folder that has them, or set AllowEmpty: true if there are to be none"),
        };
    }

    private (Migration? Migration, List<ScriptProblem> Problems) Read(ToolFile file, FilesInHand inHand)
    {
        var problems = new List<ScriptProblem>();
        var path = Path.Combine(fullPath, file.Name);
        try
        {
            if (FileIdentity.IsSpecial(path))
                throw new IOException("it is a pipe, a socket or a device");
            if (file.IsCode)
                return (Code(file), problems);
            var raw = inHand.Read(Path.Combine(configured, file.Name), () => File.ReadAllBytes(path));
            var text = ScriptText.Read(raw, (line, what) => problems.Add(Problem(file.Name, line, what)));
            return (text is null ? null : Script(file, path, raw, text, problems), problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, [ScriptFolder.Unreadable(Path.Combine(configured, file.Name), e)]);
        }
    }

    private Migration? Script(ToolFile file, string path, byte[] raw, ScriptText text, List<ScriptProblem> problems)
    {
        var script = layout.Read(file, raw, text);
        var header = ScriptHeader.Read(text.FirstComment(), message => problems.Add(Problem(file.Name, 1, message)));
        if (header.IsBreaking)
            problems.Add(Problem(file.Name, 1, $"breaking=true: the history of {layout.Tool} has no place for it; remove it"));
        var content = text.Checksum();
        return problems.Count > 0 ? null : new Migration
        {
            Version = file.Id,
            Description = file.Description,
            Checksum = script.Checksum ?? content,
            OtherChecksums = script.OtherChecksums,
            Repeats = file.Repeats,
            Down = () => ReadDown(file),
            Header = header with { WithoutTransaction = header.WithoutTransaction || script.WithoutTransaction },
            Findings = [.. script.Refusals.Select(refusal => Finding(file.Name, refusal))],
            File = Path.Combine(configured, file.Name),
            Text = () => Again(file, path, content),
        };
    }

    private Migration? ReadDown(ToolFile file)
    {
        if (layout.DownFile(new FolderNames(fullPath), file) is not { } name)
            return null;
        var problems = new List<ScriptProblem>();
        var raw = File.ReadAllBytes(Path.Combine(fullPath, name));
        var text = ScriptText.Read(raw, (line, what) => problems.Add(Problem(name, line, what)));
        var header = ScriptHeader.Read(text?.FirstComment() ?? "", what => problems.Add(Problem(name, 1, what)));
        ScriptProblem.ThrowIfAny(problems, []);
        return layout.ReadDown(name, text!) is not { } script ? null : new Migration
        {
            Version = file.Id,
            Description = file.Description,
            Checksum = null,
            Header = header with { WithoutTransaction = header.WithoutTransaction || script.WithoutTransaction },
            Findings = [.. script.Refusals.Select(refusal => Finding(name, refusal))],
            File = Path.Combine(configured, name),
            Text = () => script.Text,
        };
    }

    private ScriptFinding Finding(string name, (int Line, string What, string Remedy) refusal) =>
        new(refusal.What, Path.Combine(configured, name), refusal.Line, refusal.What, refusal.Remedy) { WhilePending = true };

    private ScriptText? Again(ToolFile file, string path, string content)
    {
        var raw = File.ReadAllBytes(path);
        return ScriptText.Read(raw, (_, _) => { }) is { } text && text.Checksum() == content ? layout.Read(file, raw, text).Text : null;
    }

    private Migration Code(ToolFile file) => new()
    {
        Version = file.Id,
        Description = file.Description,
        Checksum = "",
        Header = ScriptHeader.None,
        Findings =
        [
            new ScriptFinding(
                file.Name,
                Path.Combine(configured, file.Name),
                null,
                $"is a migration in code, which only {layout.Tool} can run",
                $"Run {layout.Tool} up to it, or {Layouts.Tool.RunIt(layout.Tool)}") { WhilePending = true },
        ],
        File = Path.Combine(configured, file.Name),
        Text = () => null,
    };

    private ScriptProblem Problem(string name, int? line, string what) => new(Path.Combine(configured, name), line, what);
}
