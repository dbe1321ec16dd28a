using System.CommandLine;
using System.Text.Json.Nodes;

namespace MigrationHost.Commands;

/// <summary>Says what an exit code or the code of an error means, and what to do.</summary>
internal static class ExplainCommand
{
    public const string Name = "explain";

    public static Command Create()
    {
        var code = new Argument<string>("CODE") { HelpName = "CODE", Description = "An exit code, or the code of an error" };
        code.CompletionSources.Add(_ => Names.Select(name => new System.CommandLine.Completions.CompletionItem(name)));
        var json = new Option<bool>(CommonOptions.Json) { Description = "Answer in JSON" };
        var command = new Command(Name,
            """
            Says what an exit code, or the code of an error, means and what to do.

            Example: migrationhost explain 5
            """) { code, json };
        command.SetAction((parsed, _) => RunAsync(parsed.GetValue(code)!, parsed.GetValue(json)));
        return command;
    }

    private static IEnumerable<string> Names => Meaning.All.SelectMany(meaning => meaning.Codes.Select(number => $"{number}"))
        .Concat(Meaning.All.Select(meaning => meaning.Name).OfType<string>());

    private static async Task<int> RunAsync(string code, bool json)
    {
        if (Meaning.Find(code) is not { } meaning)
        {
            var near = NearestName.IfNear(code, Names.Where(name => char.IsAsciiLetter(name[0])));
            Answer.Complain($"CODE: MigrationHost has no such code{(near.Length > 0 ? near : "; --help lists the exit codes")}");
            return ExitCodes.InvalidConfiguration;
        }
        if (json)
            WriteJson(meaning);
        else
        {
            Answer.WriteLine($"{meaning.Shown}{(meaning.Name is null ? "" : $"  {meaning.Name}")}");
            Answer.WriteLine(meaning.Text);
            Answer.WriteLine($"What to do: {meaning.Remedy}");
        }
        await Answer.DeliverAsync(Answer.Long, CancellationToken.None).ConfigureAwait(false);
        return ExitCodes.Success;
    }

    private static void WriteJson(Meaning meaning) => Answer.WriteLine(new JsonObject
    {
        ["exitCodes"] = new JsonArray([.. meaning.Codes.Select(number => (JsonNode)number)]),
        ["code"] = meaning.Name,
        ["meaning"] = meaning.Text,
        ["remedy"] = meaning.Remedy,
    }.ToJsonString());
}
