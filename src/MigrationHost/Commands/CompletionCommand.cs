using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>Prints what a shell needs to complete the program's commands and options.</summary>
/// <remarks>A script of its own for each shell, made of the commands as they are: nothing has to be installed or started for a key.
/// </remarks>
internal static class CompletionCommand
{
    public const string Name = "completion";

    /// <param name="root">Gives the program's commands.</param>
    public static Command Create(Func<Command> root)
    {
        var shell = new Argument<string>("SHELL")
        {
            HelpName = "SHELL",
            Description = $"One of {string.Join(", ", CompletionScript.Shells)}",
        };
        shell.CompletionSources.Add(CompletionScript.Shells);
        var command = new Command(Name,
            """
            Prints a script that completes commands and options in bash, zsh or fish.
            bash: source <(migrationhost completion bash)
            zsh: migrationhost completion zsh > "${fpath[1]}/_migrationhost"
            fish: migrationhost completion fish > ~/.config/fish/completions/migrationhost.fish

            Example: migrationhost completion bash
            """) { shell };
        command.SetAction((parsed, _) => RunAsync(root(), parsed.GetValue(shell)!));
        return command;
    }

    private static async Task<int> RunAsync(Command root, string shell)
    {
        if (CompletionScript.Of(root, shell) is not { } script)
        {
            Answer.Complain($"SHELL: is not known{NearestName.Suggest(shell, CompletionScript.Shells)}");
            return ExitCodes.InvalidConfiguration;
        }
        Answer.WriteText(script.TrimEnd());
        await Answer.DeliverAsync(Answer.Long, CancellationToken.None).ConfigureAwait(false);
        return ExitCodes.Success;
    }
}
