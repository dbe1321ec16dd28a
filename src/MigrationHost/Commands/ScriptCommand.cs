using System.CommandLine;
using System.Text.Json.Nodes;
using MigrationHost.Engines;
using MigrationHost.Platform;
using MigrationHost.Running;

namespace MigrationHost.Commands;

/// <summary>Writes the SQL that would run, for the database's own client.</summary>
internal static class ScriptCommand
{
    public const string Name = "script";

    public static Command Create(ICommandHosts hosts)
    {
        var from = new Option<string?>("--from")
        {
            Description = $"Begin behind this version; '{BeforeAll.Name}' writes everything (default: what is pending in the database)",
            HelpName = "VERSION",
        };
        var to = new Option<string?>("--to") { Description = "The last version (default: all)", HelpName = "VERSION" };
        var output = new Option<string?>("--output", "-o") { Description = "Write into a file instead of stdout", HelpName = "FILE" };
        var command = CommonOptions.ToCommand(Name,
            """
            Writes the SQL that would run, with the rows of the history, as a script for psql, sqlite3 or mariadb. Asks the database what is
            pending, and changes nothing.

            Example: migrationhost script --from 3 --to 7 --output release.sql
            """,
            from,
            to,
            output);
        command.SetAction((parsed, _) => CommandHost.RunOnOneAsync(
            hosts,
            CommonOptions.Of(parsed),
            (host, run) => RunAsync(
                host,
                run,
                parsed.GetValue(from),
                parsed.GetValue(to),
                parsed.GetValue(output),
                CommonOptions.Of(parsed)),
            reads: true));
        return command;
    }

    private static async Task<int> RunAsync(
        CommandHost host, DatabaseRun run, string? from, string? to, string? output, CommonOptions options)
    {
        if (options.IsQuiet && output is null)
            return CommandHost.Refuse(["--quiet: there is nowhere to write the script; name a file with --output"]);
        var (script, error) = await run.OnHistoryAsync(
            "script",
            (history, watch) => history.ScriptAsync(watch, from, to),
            host.Stopping).ConfigureAwait(false);
        if (script is not null && output is not null && WhyNotWritten(script.Text, host.FullPath(output)) is { } why)
            return CommandHost.Refuse([$"--output: {why}"]);
        var code = host.CodeOf([error]) ?? ExitCodes.Success;
        if (options.IsJson)
            WriteJson(host, run.State.Name, script, output, error, code);
        else if (script is null)
        {
            // stdout is the script, which somebody runs.
            foreach (var line in ErrorText.Of(run.State.Read(), error!))
                Answer.Complain(line);
        }
        else if (output is null)
            Answer.WriteText(script.Text.TrimEnd('\n'));
        else
        {
            var count = script.Migrations.Count == 1 ? "1 migration" : $"{script.Migrations.Count} migrations";
            Answer.WriteLine($"{run.State.Name}  {count} written to {output}; run it with: {script.HowToRun(output)}");
        }
        return code;
    }

    // Whole or not at all: a script that was cut off would still run.
    private static string? WhyNotWritten(string text, string path)
    {
        var beside = "";
        try
        {
            if (new FileInfo(path).LinkTarget is not null)
                path = File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName;
            if (FileStatus.Of(path) is { Kind: FileKind.Special })
                return "is a pipe, a socket or a device; without --output the script goes to stdout";
            beside = $"{path}.{Environment.ProcessId}.tmp";
            File.WriteAllText(beside, text);
            File.Move(beside, path, overwrite: true);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            if (File.Exists(beside))
                File.Delete(beside);
            return $"cannot be written: {e.Message}";
        }
    }

    private static void WriteJson(
        CommandHost host, string database, WrittenScript? script, string? output, MigrationError? error, int code)
    {
        if (script is not null)
        {
            Answer.WriteLine(JsonLines.Event(
                "script",
                database,
                ("migrations", new JsonArray([.. script.Migrations.Select(one => JsonLines.Migration(one.Version, one.Description))])),
                ("file", output),
                ("sql", output is null ? script.Text : null)));
        }
        Answer.WriteLine(JsonLines.Summary(host.State.Current, [error], code));
    }
}
