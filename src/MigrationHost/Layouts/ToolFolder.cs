using MigrationHost.Platform;
using MigrationHost.Scripts;

namespace MigrationHost.Layouts;

/// <summary>A folder of another tool, read as that tool reads it, before any database is touched.</summary>
/// <param name="files">What is in it.</param>
/// <param name="syntax">How the files are to be read.</param>
/// <param name="layout">Whose it is.</param>
internal sealed class ToolFolder(MigrationFiles files, SqlSyntax syntax, ToolLayout layout) : IMigrationSource
{
    public string Place => files.Configured;

    public string? Folder => files.Folder;

    public IComparer<string> Order => layout.Order;

    public string? ReadId(string text, out string problem) => layout.ReadId(text, out problem);

    public IReadOnlyList<NewFile> Next(string title, DateTimeOffset now) =>
        [.. layout.Next(files, NextVersion.Slug(title), now)];

    public MigrationSet Read(FilesInHand inHand)
    {
        var problems = new List<ScriptProblem>();
        var migrations = new List<Migration>();
        ScriptFinding[] toBegin = [], toApply = [];
        string[] notRead = [];
        (string, string)? doubt = null;
        try
        {
            var found = layout.Files(files, (name, why) => problems.Add(Problem(name, null, why))).ToList();
            (toBegin, toApply) = ([.. layout.ForbidToBegin(files).Select(Pending)], [.. layout.ForbidToApply(files).Select(Pending)]);
            notRead = [.. files.Files.Where(name => layout.LooksLikeOne(name) && found.TrueForAll(file => file.Name != name))];
            if (problems.Count == 0 && found is [var first, ..])
                doubt = Array.Find(notRead, IsOurs) is { } ours ? Besides(first.Name, ours) : layout.Doubt(files);
            var read = new (Migration? Migration, List<ScriptProblem> Problems)[found.Count];
            FilesInHand.Each(found.Count, i => read[i] = Read(found[i], inHand));
            problems.AddRange(read.SelectMany(one => one.Problems));
            migrations.AddRange(read.Select(one => one.Migration).OfType<Migration>().Select(migration => toApply.Length == 0
                ? migration
                : migration with { Findings = [.. migration.Findings, .. toApply] }));
            migrations.Sort((one, other) => layout.Order.Compare(one.Version, other.Version));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add(ScriptFolder.Unreadable(files.Configured, e));
        }
        problems.AddRange(ScriptFolder.Twice(migrations));
        return new MigrationSet(files.Configured, layout.Order)
        {
            Migrations = migrations,
            Problems = [.. problems.OrderBy(problem => problem.File, StringComparer.Ordinal)],
            Findings = toBegin,
            Doubt = doubt,
            Warnings =
            [
                .. from problem in ScriptFinding.ToProblems(toApply)
                   select new PlanWarning($"{problem}", "See the message.") { IsProblem = true },
                .. notRead.Select(NotRead),
            ],
            IsRepeatable = layout.IsRepeatable,
            RunsLate = layout.RunsLate,
            MayLack = layout.MayLack,
            MayChange = layout.MayChange,
            KeepsDescriptions = layout.KeepsDescriptions,
            Empty = Problem("", null, $"has no migration of {layout.Tool} (looked in {files.Place} for {layout.Example}). "
                + "Mount or name the folder that has them, or set AllowEmpty: true if there are to be none") with { Remedies = [] },
        };
    }

    private static bool IsOurs(string name) =>
        name.EndsWith(".sql", StringComparison.Ordinal) && new ScriptName(name) is { Digits: not null, IsDown: false };

    private (string, string) Besides(string theirs, string ours) => (
        $"{layout.Tool} does not read {ours}, which is beside {theirs}",
        $"If {ours} is to run, move {theirs} and what else is {layout.Tool}'s out of the folder; if it is not, move {ours} out.");

    private (Migration? Migration, List<ScriptProblem> Problems) Read(ToolFile file, FilesInHand inHand)
    {
        var problems = new List<ScriptProblem>();
        try
        {
            if (files.WhyNoFile(file.Name) is { } why)
                throw new IOException(why);
            if (file.IsCode)
                return (Code(file), problems);
            var raw = inHand.Read(files.Show(file.Name), () => files.Read(file.Name));
            var text = ScriptText.Read(raw, syntax, (line, what) => problems.Add(Problem(file.Name, line, what)));
            return (text is null ? null : Script(file, raw, text, problems), problems);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (null, [ScriptFolder.Unreadable(files.Show(file.Name), e)]);
        }
    }

    private Migration? Script(ToolFile file, byte[] raw, ScriptText text, List<ScriptProblem> problems)
    {
        var script = layout.Read(file, raw, text);
        var header = ScriptHeader.Read(text.FirstComment(), message => problems.Add(Problem(file.Name, 1, message)));
        if (header.IsBreaking)
            problems.Add(Problem(file.Name, 1, $"breaking=true: the history of {layout.Tool} has no place for it; remove it"));
        if (problems.Count > 0)
            return null;
        var part = Part(file, file.Name, header, script);
        return part with
        {
            Findings = [.. part.Findings, .. OfOthers(file, script)],
            Checksum = script.Checksum ?? text.Checksum(),
            OtherChecksums = script.OtherChecksums,
            Repeats = file.Repeats,
            RunsLate = file.RunsLate,
            Text = Again(file.Name, text, (raw, text) => layout.Read(file, raw, text)),
            Down = () => Down(file),
        };
    }

    // What another tool would cut, this one runs as a whole.
    private IEnumerable<ScriptFinding> OfOthers(ToolFile file, ToolScript script) =>
        FileMarks.Find(files.Show(file.Name), script.Text) is { } mark && mark.Kind != layout.Tool ? [Pending(mark)] : [];

    private Migration? Down(ToolFile file)
    {
        var name = file.Down ?? file.Name;
        var wrong = new List<ScriptProblem>();
        var raw = files.Read(name);
        if (ScriptText.Read(raw, syntax, (line, what) => wrong.Add(Problem(name, line, what))) is not { } text)
            return Part(file, name, ScriptHeader.None, null) with { Findings = Findings(wrong) };
        if (layout.ReadDown(file, raw, text) is not { } script)
            return null;
        var header = ScriptHeader.Read(text.FirstComment(), message => wrong.Add(Problem(name, 1, message)));
        var part = Part(file, name, header, script);
        return part with
        {
            Findings = [.. part.Findings, .. Findings(wrong)],
            Text = Again(name, text, (raw, text) => layout.ReadDown(file, raw, text)),
        };
    }

    private static ScriptFinding[] Findings(List<ScriptProblem> problems) =>
    [
        .. from problem in problems
           select new ScriptFinding(problem.Message, problem.File, problem.Line, problem.Message, "Correct the file"),
    ];

    private Migration Part(ToolFile file, string name, ScriptHeader header, ToolScript? script) => new()
    {
        Version = file.Id,
        Description = file.Description,
        IsForServer = !layout.KnowsClient,
        Checksum = null,
        Header = header with { WithoutTransaction = header.WithoutTransaction || script is { WithoutTransaction: true } },
        Findings =
        [
            .. from refusal in script?.Refusals ?? []
               select new ScriptFinding(refusal.What, files.Show(name), refusal.Line, refusal.What, refusal.Remedy)
               {
                   WhilePending = true,
               },
        ],
        File = files.Show(name),
        Text = () => null,
    };

    private Func<ScriptText?> Again(string name, ScriptText checkedText, Func<byte[], ScriptText, ToolScript?> read)
    {
        var content = checkedText.Checksum();
        return () =>
        {
            var raw = files.Read(name);
            return ScriptText.Read(raw, syntax, (_, _) => { }) is { } text && text.Checksum() == content ? read(raw, text)?.Text : null;
        };
    }

    private Migration Code(ToolFile file) => new()
    {
        Version = file.Id,
        Description = file.Description,
        Checksum = "",
        Header = ScriptHeader.None,
        IsCode = true,
        Findings =
        [
            new ScriptFinding(
                file.Name,
                files.Show(file.Name),
                null,
                $"is a migration in code, which only {layout.Tool} can run",
                $"Run {layout.Tool} up to it, or {Layouts.Tool.RunIt(layout.Tool)}") { WhilePending = true },
        ],
        File = files.Show(file.Name),
        Text = () => null,
    };

    private PlanWarning NotRead(string name) => new(
        $"{files.Show(name)}: is not read, as by {layout.Tool}, although it looks like a migration",
        $"If it is one, give it a name as in {layout.Example}.") { IsProblem = true };

    private static ScriptFinding Pending(ScriptFinding finding) => finding with { WhilePending = true };

    private ScriptProblem Problem(string name, int? line, string what) => new(files.Show(name), line, what);
}
