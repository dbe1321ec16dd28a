using System.CommandLine;
using System.Text.Json.Nodes;
using MigrationHost.Layouts;
using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>Makes the next migration's files.</summary>
internal static class NewCommand
{
    public const string Name = "new";

    /// <summary>So long that a name with its version and ending still is one to every file system.</summary>
    private const int Longest = 150;

    public static Command Create(ICommandHosts hosts)
    {
        var description = new Argument<string[]>("DESCRIPTION")
        {
            Description = "What the migration is to do",
            Arity = ArgumentArity.OneOrMore,
        };
        var command = CommonOptions.ToCommand(Name,
            """
            Makes the next migration's files in the folder's own layout and numbering, and prints their paths; the first is the one
            to write in. Asks no database.

            Example: migrationhost new add orders
            """,
            description);
        command.SetAction((parsed, _) => CommandHost.RunOnOneAsync(
            hosts,
            CommonOptions.Of(parsed),
            (host, run) => RunAsync(host, run, string.Join(' ', parsed.GetValue(description)!).Trim(), CommonOptions.Of(parsed).IsJson)));
        return command;
    }

    private static async Task<int> RunAsync(CommandHost host, DatabaseRun run, string title, bool json)
    {
        if (NextVersion.Slug(title).Length is 0 or > Longest || PlainText.Line(title) != title)
            return CommandHost.Refuse([$"DESCRIPTION: write it in one line with letters or digits, {Longest} characters at most"]);
        var (paths, error) = await run.OnHistoryAsync(
            "new",
            (history, watch) => Task.FromResult(history.Add(watch, title)),
            host.Stopping).ConfigureAwait(false);
        var code = host.CodeOf([error]) ?? ExitCodes.Success;
        if (json)
            WriteJson(host, run.State.Name, paths, error, code);
        else if (paths is null)
            Answer.WriteLines(ErrorText.Of(run.State.Read(), error!));
        else
        {
            foreach (var path in paths)
                Answer.WriteLine(path);
        }
        return code;
    }

    private static void WriteJson(CommandHost host, string database, IReadOnlyList<string>? paths, MigrationError? error, int code)
    {
        if (paths is not null)
            Answer.WriteLine(JsonLines.Event("created", database, ("files", new JsonArray([.. paths.Select(path => (JsonNode)path)]))));
        Answer.WriteLine(JsonLines.Summary(host.State.Current, [error], code));
    }
}
