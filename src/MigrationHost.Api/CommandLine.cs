using System.CommandLine;
using System.CommandLine.Help;
using MigrationHost.Api.Commands;

namespace MigrationHost.Api;

/// <summary>The program's commands. No command means <c>serve</c>.</summary>
internal static class CommandLine
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (arguments, settings) = SettingArguments.Split(args);
        var root = Root(settings);
        var parsed = root.Parse(arguments.Length == 0 ? ["serve"] : arguments);
        if (parsed.Errors.Count > 0)
            return Refuse(parsed);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not HostAbortedException)
        {
            // The edge: an exception that left Main would end the process with 134. HostAbortedException is how tools that only want the host end it.
            await Console.Error.WriteLineAsync($"unexpected failure, a defect in MigrationHost: {e}").ConfigureAwait(false);
            return ExitCodes.Unexpected;
        }
    }

    private static Command Root(string[] settings) => new("migrationhost",
        """
        Runs database migrations before a service takes traffic, and names who blocks.

        Every setting can be given as --MigrationHost:Databases:app:ConnectionString="Data Source=data/app.db".
        """)
    {
        ServeCommand.Create(settings),
        MigrateCommand.Create(settings),
        StatusCommand.Create(settings),
        LocksCommand.Create(settings),
        ResolveCommand.Create(settings),
        DoctorCommand.Create(settings),
        HealthcheckCommand.Create(settings),
        new HelpOption(),
        new VersionOption(),
    };

    private static int Refuse(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        string[] names =
        [
            .. command.Subcommands.Select(subcommand => subcommand.Name),
            .. command.Options.Where(option => !option.Hidden).Select(option => option.Name),
        ];
        foreach (var unknown in parsed.UnmatchedTokens)
            Console.Error.WriteLine($"'{unknown}' is no command or option of {command.Name}{NearestName.Suggest(unknown, names)}");
        foreach (var error in parsed.Errors.Where(_ => parsed.UnmatchedTokens.Count == 0))
            Console.Error.WriteLine(error.Message);
        Console.Error.WriteLine($"'{(command.Parents.Any() ? "migrationhost " : "")}{command.Name} --help' shows what there is.");
        return ExitCodes.InvalidConfiguration;
    }
}
