using System.CommandLine;

namespace MigrationHost.Commands;

/// <summary>The options that all commands have which work on databases, as the command line gives them.</summary>
internal sealed record CommonOptions
{
    public const string Json = "--json";
    public const string Database = "--database";
    public const string Quiet = "--quiet";
    public const string NoColor = "--no-color";

    /// <summary>Whether the environment lets programs write colours.</summary>
    /// <remarks><see href="https://no-color.org"/></remarks>
    public static bool MayHaveColor => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));

    /// <summary>The command's name.</summary>
    public required string CommandName { get; init; }

    public bool IsJson { get; init; }

    /// <summary>The one database to work on; null for all.</summary>
    public string? DatabaseName { get; init; }

    public bool IsQuiet { get; init; }

    public bool HasColor { get; init; }

    /// <summary>Why they do not go together; null if they do.</summary>
    public string? Problem => IsJson && IsQuiet ? $"{Json} and {Quiet}: say one of them" : null;

    /// <summary>A command that works on databases: with its own arguments and options, and those that all such commands have.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="description">What it does, with an example.</param>
    /// <param name="own">Its own arguments and options.</param>
    public static Command ToCommand(string name, string description, params IEnumerable<Symbol> own)
    {
        var command = new Command(name, description);
        foreach (var symbol in own)
        {
            if (symbol is Argument argument)
                command.Add(argument);
            else
                command.Add((Option)symbol);
        }
        command.Add(new Option<bool>(Json) { Description = "Answer in JSON" });
        command.Add(new Option<string?>(Database)
        {
            Description = "The one database to work on (default: all)",
            HelpName = "NAME",
        });
        command.Add(new Option<bool>(Quiet) { Description = "No answer on stdout, and only errors on stderr" });
        command.Add(new Option<bool>(NoColor) { Description = "No colours in the log" });
        return command;
    }

    public static CommonOptions Of(ParseResult parsed) => new()
    {
        CommandName = parsed.CommandResult.Command.Name,
        IsJson = parsed.GetValue<bool>(Json),
        DatabaseName = parsed.GetValue<string?>(Database),
        IsQuiet = parsed.GetValue<bool>(Quiet),
        HasColor = MayHaveColor && !parsed.GetValue<bool>(NoColor),
    };
}
