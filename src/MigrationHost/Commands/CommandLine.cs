using System.CommandLine;
using System.CommandLine.Help;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Commands;

/// <summary>The program's commands. No command means <c>serve</c>.</summary>
internal static class CommandLine
{
    /// <param name="arguments">The command and its options, without settings.</param>
    /// <param name="hosts">Gives commands the host to work with.</param>
    public static async Task<int> RunAsync(string[] arguments, ICommandHosts hosts)
    {
        var parsed = Root(hosts).Parse(arguments.Length == 0 ? ["serve"] : arguments);
        if (parsed.Errors.Count > 0)
            return Refuse(parsed, hosts.Name);
        try
        {
            using var help = new StringWriter();
            var code = await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = help,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null,
            }).ConfigureAwait(false);
            if (help.ToString() is { Length: > 0 } text)
                await AnswerAsync(text).ConfigureAwait(false);
            return code;
        }
        catch (Exception e) when (e is not HostAbortedException)
        {
            // The edge: an exception that left Main would end the process with 134. HostAbortedException is how tools that only want the host end it.
            Answer.Complain($"unexpected failure, a defect in MigrationHost: {e}");
            return ExitCodes.Unexpected;
        }
    }

    private static Command Root(ICommandHosts hosts)
    {
        var root = Commands(hosts);
        foreach (var command in root.Subcommands)
            command.Description = command.Description!.Replace("Example: migrationhost ", $"Example: {hosts.Name} ", StringComparison.Ordinal);
        return root;
    }

    private static Command Commands(ICommandHosts hosts) => new(hosts.Name,
        """
        Runs database migrations before a service takes traffic, and names who blocks.

        Every setting can be given as --MigrationHost:Databases:app:ConnectionString="Data Source=data/app.db".
        """)
    {
        ServeCommand.Create(hosts),
        MigrateCommand.Create(hosts),
        StatusCommand.Create(hosts),
        LocksCommand.Create(hosts),
        ResolveCommand.Create(hosts),
        DoctorCommand.Create(hosts),
        HealthcheckCommand.Create(hosts),
        new HelpOption(),
        new VersionOption(),
    };

    private static Task<bool> AnswerAsync(string help)
    {
        Answer.WriteLine(help.TrimEnd());
        return Answer.DeliverAsync(Answer.Short, CancellationToken.None);
    }

    private static int Refuse(ParseResult parsed, string name)
    {
        var command = parsed.CommandResult.Command;
        string[] names =
        [
            .. command.Subcommands.Select(subcommand => subcommand.Name),
            .. command.Options.Select(option => option.Name),
        ];
        foreach (var unknown in parsed.UnmatchedTokens)
            Answer.Complain($"'{unknown}' is not a command or option of {command.Name}{NearestName.Suggest(unknown, names)}");
        foreach (var error in parsed.Errors.Where(_ => parsed.UnmatchedTokens.Count == 0))
            Answer.Complain(error.Message);
        Answer.Complain($"'{(command.Parents.Any() ? $"{name} " : "")}{command.Name} --help' lists them.");
        return ExitCodes.InvalidConfiguration;
    }
}
