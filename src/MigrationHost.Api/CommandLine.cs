using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using MigrationHost.Api.Commands;
using MigrationHost.Databases.Connections;
using MigrationHost.Masking;

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
            return Refuse(parsed, args);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not HostAbortedException)
        {
            // The edge: an exception that left Main would end the process with 134. HostAbortedException is how tools that only want the host end it.
            await Console.Error.WriteLineAsync(
                $"unexpected failure, a defect in MigrationHost: {Secrets.OfProcess().InLine(e.ToString())}").ConfigureAwait(false);
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

    // What is not a command may be a connection string that lost its option: it is named by its position.
    private static int Refuse(ParseResult parsed, string[] args)
    {
        var command = parsed.CommandResult.Command;
        string[] names =
        [
            .. command.Subcommands.Select(subcommand => subcommand.Name),
            .. command.Options.Where(option => !option.Hidden).Select(option => option.Name),
        ];
        foreach (var unknown in parsed.UnmatchedTokens)
            Console.Error.WriteLine(
                $"{Show(unknown, names, args)} is not a command or option of {command.Name}{NearestName.Suggest(unknown, names)}");
        foreach (var error in parsed.Errors.Where(_ => parsed.UnmatchedTokens.Count == 0))
            Console.Error.WriteLine(Describe(error));
        Console.Error.WriteLine($"'{(command.Parents.Any() ? "migrationhost " : "")}{command.Name} --help' shows what there is.");
        return ExitCodes.InvalidConfiguration;
    }

    private static string Show(string unknown, string[] names, string[] args) =>
        NearestName.Find(unknown, names) is { } near && NearestName.IsNear(unknown, near) ? $"'{unknown}'"
        : $"the {Ordinal.Of(Array.FindIndex(args, argument => argument.EndsWith(unknown, StringComparison.Ordinal)) + 1)} argument";

    // The parser's own texts quote the value.
    private static string Describe(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value",
        OptionResult { Tokens.Count: > 1 } option => $"{option.Option.Name} is given more than once",
        OptionResult option => $"the value of {option.Option.Name} has the wrong form",
        ArgumentResult { Tokens.Count: 0 } argument => $"{argument.Argument.Name} is missing",
        ArgumentResult argument => $"the value of {argument.Argument.Name} has the wrong form",
        CommandResult { Command: var command } => $"{command.Name} is missing what it is for",
        _ => "the command line was not understood",
    };
}
