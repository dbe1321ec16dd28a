using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using MigrationHost.Masking;
using MigrationHost.Output;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Commands;

/// <summary>The program's commands. No command means <c>serve</c>.</summary>
internal static class CommandLine
{
    public const string Version = "--version";

    /// <summary>Answers <see cref="Version"/> without all the rest: it is what looks whether a program is there.</summary>
    public static async Task<int> TellVersionAsync()
    {
        await AnswerAsync(Instance.Version).ConfigureAwait(false);
        await StandardOutput.FinishAsync().ConfigureAwait(false);
        return ExitCodes.Success;
    }

    /// <param name="arguments">The command and its options, without settings.</param>
    /// <param name="hosts">Gives commands the host to work with.</param>
    public static async Task<int> RunAsync(string[] arguments, ICommandHosts hosts)
    {
        if (arguments.Length == 0)
            arguments = [ServeCommand.Name];
        var parsed = Root(hosts, arguments).Parse(arguments);
        var unknown = Unknown(parsed);
        if (parsed.Errors.Count > 0 || unknown.Count > 0)
            return Refuse(parsed, unknown, arguments, hosts.Name);
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
                await AnswerAsync($"{text.TrimEnd()}{(parsed.Action is HelpAction ? ExitCodesOf(parsed.CommandResult.Command) : "")}")
                    .ConfigureAwait(false);
            return code;
        }
        catch (Exception e) when (e is not (HostAbortedException or MigrationException))
        {
            // The edge: an exception that left Main would end the process with 134.
            // HostAbortedException is how tools that only want the host end it; MigrationException is for a test's factory.
            Answer.Complain($"unexpected failure, a defect in MigrationHost: {Secrets.OfProcess().InLine(e.ToString())}");
            return ExitCodes.Unexpected;
        }
    }

    /// <summary>All commands, or, as a start is waited for, only the one that the arguments begin with.</summary>
    private static Command Root(ICommandHosts hosts, string[] arguments)
    {
        var all = All(hosts);
        var named = Array.FindAll(all, command => command.Name == arguments[0]);
        var root = WithCommands(hosts, named.Length > 0 ? named : all);
        foreach (var command in root.Subcommands)
            command.Description = command.Description!.Replace("migrationhost", hosts.Name, StringComparison.Ordinal);
        return root;
    }

    private static Command WithCommands(ICommandHosts hosts, IEnumerable<(string Name, Func<Command> Create)> commands)
    {
        var root = new Command(hosts.Name,
            """
            Runs database migrations before a service takes traffic, and names who blocks.

            Every setting can be given as --MigrationHost:Databases:app:ConnectionString="Data Source=data/app.db".
            """)
        {
            new HelpOption(),
            new VersionOption(),
        };
        foreach (var command in commands)
            root.Add(command.Create());
        return root;
    }

    private static (string Name, Func<Command> Create)[] All(ICommandHosts hosts) =>
    [
        (ServeCommand.Name, () => ServeCommand.Create(hosts)),
        (MigrateCommand.Name, () => MigrateCommand.Create(hosts)),
        (StatusCommand.Name, () => StatusCommand.Create(hosts)),
        (ValidateCommand.Name, () => ValidateCommand.Create(hosts)),
        (NewCommand.Name, () => NewCommand.Create(hosts)),
        (ScriptCommand.Name, () => ScriptCommand.Create(hosts)),
        (DownCommand.Name, () => DownCommand.Create(hosts)),
        (LocksCommand.Name, () => LocksCommand.Create(hosts)),
        (ResolveCommand.Name, () => ResolveCommand.Create(hosts)),
        (BaselineCommand.Name, () => BaselineCommand.Create(hosts)),
        (DoctorCommand.Name, () => DoctorCommand.Create(hosts)),
        (HealthcheckCommand.Name, () => HealthcheckCommand.Create(hosts)),
        (ExplainCommand.Name, ExplainCommand.Create),
        (CompletionCommand.Name, () => CompletionCommand.Create(() => WithCommands(hosts, All(hosts)))),
    ];

    private static string ExitCodesOf(Command command)
    {
        var lines = Meaning.Of(command.Parents.Any() ? command.Name : null).Select(meaning => $"  {meaning.Shown,-10}{meaning.Text}");
        return $"{Environment.NewLine}{Environment.NewLine}Exit codes:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}";
    }

    private static Task<bool> AnswerAsync(string help)
    {
        Answer.WriteText(help);
        return Answer.DeliverAsync(Answer.Short, CancellationToken.None);
    }

    // An argument takes every word, a mistyped option too. What is meant to begin like one stands behind "--".
    private static IReadOnlyList<string> Unknown(ParseResult parsed) => parsed.UnmatchedTokens is { Count: > 0 } unmatched
        ? unmatched
        :
        [
            .. parsed.Tokens.TakeWhile(token => token.Type != TokenType.DoubleDash)
                .Intersect(parsed.CommandResult.Children.OfType<ArgumentResult>().SelectMany(argument => argument.Tokens))
                .Select(token => token.Value).Where(word => word.StartsWith("--", StringComparison.Ordinal)),
        ];

    // What is not a command may be a connection string that lost its option: it is named by its position.
    private static int Refuse(ParseResult parsed, IReadOnlyList<string> unknown, string[] arguments, string name)
    {
        var command = parsed.CommandResult.Command;
        string[] names =
        [
            .. command.Subcommands.Select(subcommand => subcommand.Name),
            .. command.Options.Where(option => !option.Hidden).Select(option => option.Name),
        ];
        if (unknown is [var word, ..] && OtherWords.Answer(word, name) is { } ours)
        {
            Answer.Complain(ours);
            return ExitCodes.InvalidConfiguration;
        }
        foreach (var wrong in unknown)
            Answer.Complain(
                $"{Show(wrong, names, arguments)} is not a command or option of {command.Name}{NearestName.Suggest(wrong, names)}");
        foreach (var error in parsed.Errors.Where(_ => unknown.Count == 0))
            Answer.Complain(Describe(error));
        Answer.Complain($"'{(command.Parents.Any() ? $"{name} " : "")}{command.Name} --help' lists them.");
        return ExitCodes.InvalidConfiguration;
    }

    private static string Show(string unknown, string[] names, string[] arguments) =>
        NearestName.Find(unknown, names) is { } near && NearestName.IsNear(unknown, near) ? $"'{unknown}'"
        : $"the {Ordinal.Of(Array.FindIndex(arguments, argument => argument.EndsWith(unknown, StringComparison.Ordinal)) + 1)} argument";

    // The parser's own texts quote the value.
    private static string Describe(ParseError error) => error.SymbolResult switch
    {
        OptionResult { Tokens.Count: 0 } option => $"{option.Option.Name} needs a value",
        OptionResult { Tokens.Count: > 1 } option => $"{option.Option.Name} is given more than once",
        OptionResult option => $"the value of {option.Option.Name} has the wrong form",
        ArgumentResult { Tokens.Count: 0 } argument => $"{argument.Argument.Name} is missing",
        ArgumentResult argument => $"the value of {argument.Argument.Name} has the wrong form",
        CommandResult { Command: var command } => $"{command.Name} is missing its argument",
        _ => "the command line was not understood",
    };
}
