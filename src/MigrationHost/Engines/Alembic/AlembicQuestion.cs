using System.Globalization;
using System.Text.Json;
using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Tools;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Engines.Alembic;

/// <summary>
/// Asks Alembic about a project: one start of its Python with ask.py, which neither runs env.py nor opens a database. The
/// answer is kept while the files are unchanged.
/// </summary>
/// <param name="name">The database's name, for the log.</param>
/// <param name="tool">Alembic's own command: its folder and environment are used.</param>
/// <param name="interpreter">The Python that runs it.</param>
/// <param name="place">Where the project is.</param>
/// <param name="timeouts">An answer may take as long as <c>DatabaseWait</c>.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Takes what is logged.</param>
internal sealed class AlembicQuestion(string name, ToolCommand tool, AlembicInterpreter interpreter, AlembicPlace place, Timeouts timeouts,
    TimeProvider time, ILogger logger)
{
    // The whole answer is one line: about 300 characters a revision.
    private const int LongestAnswer = 64 * 1024 * 1024;

    // After the grace the supervisor kills, which takes it moments.
    private static readonly TimeSpan AfterGrace = TimeSpan.FromSeconds(10);

    private static readonly string Script = string.Concat(Resource("env_facts.py"), Resource("ask.py"));

    private const string Question = "Python to say what Alembic would do";
    private const string Reading = "reading ";

    private readonly Dictionary<string, AlembicProject> _answers = new(StringComparer.Ordinal);
    private string _stamp = "";

    /// <summary>What Alembic says of the project.</summary>
    /// <param name="target">Where to be.</param>
    /// <param name="current">The revisions from which the plan begins.</param>
    /// <param name="watch">The watch over the run.</param>
    /// <exception cref="MigrationException">Alembic cannot be asked.</exception>
    /// <exception cref="OperationCanceledException">The question was cancelled.</exception>
    public async Task<AlembicProject> AskAsync(string target, IEnumerable<string> current, Watch watch)
    {
        IReadOnlyList<string> arguments = [interpreter.Program, place.ConfigPath, target, .. current];
        var key = string.Join('\n', arguments);
        if (_answers.Values.FirstOrDefault() is { } known && Stamp(known.Files) != _stamp)
            _answers.Clear();
        if (_answers.TryGetValue(key, out var answer))
            return answer;
        var python = tool with
        {
            Name = "python",
            Executable = interpreter.Executable,
            Arguments = [.. interpreter.Arguments, "-B", "-c", Script, place.Root, .. arguments],
        };
        answer = await RunAsync(python, watch).ConfigureAwait(false);
        _stamp = Stamp(answer.Files);
        return _answers[key] = answer;
    }

    private async Task<AlembicProject> RunAsync(ToolCommand python, Watch watch)
    {
        var lines = new List<ToolLine>();
        var files = new FilesInHand(time);
        FilesInHand.Held? reading = null;
        await using var process = ToolProcess.Start(python, timeouts.Grace, Hear, time, protocolLine: LongestAnswer);
        using var turned = watch.Turn(Asking(process, watch, files));
        var exit = await process.UntilEndAsync(null, time, watch.Token).ConfigureAwait(false);
        watch.ThrowIfEnding();
        return Read(exit, lines);

        void Hear(ToolLine line)
        {
            if (line.IsError || line.Text.StartsWith('{'))
            {
                lines.Add(line);
                return;
            }
            if (reading is not null)
                files.Release(reading);
            reading = line.Text.StartsWith(Reading, StringComparison.Ordinal) ? files.Take(line.Text[Reading.Length..]) : null;
        }
    }

    // A module of the project that does not come back while it is imported shows, is logged, and ends; so does a file that does not answer.
    private Activity Asking(ToolProcess process, Watch watch, FilesInHand files)
    {
        var (evidence, budget) = ("waiting", new Budget(timeouts.DatabaseWait, MigrationErrorCode.InvalidConfiguration));
        return new Activity(ActivityKind.Trying, Question, budget)
        {
            ToLetGo = timeouts.Grace + AfterGrace,
            Failure = verdict => verdict.Activity.What == Question
                ? AlembicErrors.NoAnswer(budget.Limit, evidence)
                : RunErrors.NotRead(verdict),
            Sample = () =>
            {
                evidence = process.Look() is { } tree ? $"{Duration.Say(tree.Cpu)} of CPU time" : evidence;
                watch.Handle(new RunEvent.Shown(evidence));
                watch.Handle(new RunEvent.Named(budget, watch.Stuck(files) is { } file ? RunErrors.ToBeRead(file) : Question));
            },
        };
    }

    private AlembicProject Read(ToolExit exit, List<ToolLine> lines)
    {
        var answer = Document(lines.LastOrDefault(line => !line.IsError).Text);
        if (answer is { Failed: false })
            return answer;
        IReadOnlyList<string> errors = [.. lines.Where(line => line.IsError).Select(line => line.Text)];
        foreach (var line in errors)
            Log.ToolLine(logger, name, "python", line);
        // Versions that do not go together explain an import that fails.
        throw answer is not null && AlembicVersionTable.Check(answer.Versions).FirstOrDefault() is ({ } problem, { } remedy)
            ? AlembicErrors.Setting(problem, remedy)
            : AlembicErrors.CannotBeAsked(place.Config, errors.Count > 0 ? AlembicFailure.Read(errors, place) : null, exit, errors);
    }

    private static AlembicProject? Document(string? line)
    {
        try
        {
            return line is null ? null : JsonSerializer.Deserialize(line, AlembicJson.Default.AlembicProject);
        }
        catch (JsonException)
        {
            // Not ask.py's: other code has written to its output.
            return null;
        }
    }

    private static string Stamp(IEnumerable<string> files) => string.Join('\n', files.Select(Stamp));

    private static string Stamp(string file) => string.Create(
        CultureInfo.InvariantCulture,
        $"{File.GetLastWriteTimeUtc(file).Ticks} {(new FileInfo(file) is { Exists: true } info ? info.Length : 0)}");

    private static string Resource(string file)
    {
        using var reader = new StreamReader(typeof(AlembicQuestion).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }
}
