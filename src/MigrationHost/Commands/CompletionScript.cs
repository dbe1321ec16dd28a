using System.CommandLine;
using System.CommandLine.Completions;

namespace MigrationHost.Commands;

/// <summary>Scripts for shells that complete a program's commands and options.</summary>
internal static class CompletionScript
{
    private const string Help = "--help";

    public static readonly string[] Shells = ["bash", "zsh", "fish"];

    /// <param name="root">The program.</param>
    /// <param name="shell">The shell.</param>
    /// <returns>The script; null if the shell is not known.</returns>
    public static string? Of(Command root, string shell) => shell switch
    {
        "bash" => Bash(root),
        "zsh" => Zsh(root),
        "fish" => Fish(root),
        _ => null,
    };

    private static string Bash(Command root)
    {
        var function = $"_{Identifier(root.Name)}";
        var cases = string.Join('\n', root.Subcommands.Select(command => $"        {command.Name}) words=\"{Words(command)}\" ;;"));
        return $$"""
            {{function}}() {
                local current="${COMP_WORDS[COMP_CWORD]}" command="" words="" word
                for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
                    case "$word" in {{Names(root)}}) command="$word"; break ;; esac
                done
                case "$command" in
                    "") words="{{string.Join(' ', root.Subcommands.Select(command => command.Name))}} {{Words(root)}}" ;;
            {{cases}}
                esac
                COMPREPLY=($(compgen -W "$words" -- "$current"))
            }
            complete -o default -F {{function}} {{root.Name}}
            """;
    }

    private static string Zsh(Command root)
    {
        var function = $"_{Identifier(root.Name)}";
        var cases = string.Join(
            '\n', root.Subcommands.Select(command => $"        ({command.Name}) found=({string.Join(' ', Described(command))}) ;;"));
        var first = string.Join(' ', root.Subcommands.Select(command => Pair(command.Name, command.Description)).Concat(Described(root)));
        return $$"""
            #compdef {{root.Name}}
            {{function}}() {
                local command="" word
                local -a found
                for word in "${(@)words[2,CURRENT-1]}"; do
                    case "$word" in ({{Names(root)}}) command="$word"; break ;; esac
                done
                case "$command" in
                    ("") found=({{first}}) ;;
            {{cases}}
                esac
                _describe '{{root.Name}}' found || _files
            }
            if [ "$funcstack[1]" = "{{function}}" ]; then {{function}} "$@"; else compdef {{function}} {{root.Name}}; fi
            """;

        static IEnumerable<string> Described(Command command) => Choices(command).Select(choice => Pair(choice.Name, choice.Description));
    }

    private static string Fish(Command root)
    {
        var unseen = $"not __fish_seen_subcommand_from {string.Join(' ', root.Subcommands.Select(command => command.Name))}";
        return string.Join('\n', root.Subcommands
            .Select(command => $"complete -c {root.Name} -f -n '{unseen}' -a {command.Name} -d {Quoted(Short(command.Description))}")
            .Concat(
                from command in root.Subcommands
                from choice in Choices(command)
                let what = choice.Name.StartsWith("--", StringComparison.Ordinal) ? $"-l {choice.Name[2..]}" : $"-f -a {choice.Name}"
                let seen = $"__fish_seen_subcommand_from {command.Name}"
                select $"complete -c {root.Name} -n '{seen}' {what} -d {Quoted(Short(choice.Description))}"));
    }

    private static string Names(Command root) => string.Join('|', root.Subcommands.Select(command => command.Name));

    private static string Words(Command command) => string.Join(' ', Choices(command).Select(choice => choice.Name));

    /// <summary>What may follow a command: its options, and the values of its arguments that are known.</summary>
    private static IEnumerable<(string Name, string? Description)> Choices(Command command)
    {
        foreach (var argument in command.Arguments)
        {
            foreach (var value in argument.GetCompletions(CompletionContext.Empty))
                yield return (value.Label, argument.Description);
        }
        foreach (var option in command.Options.Where(option => !option.Hidden && option.Name != Help))
            yield return (option.Name, option.Description);
        yield return (Help, "Show help and usage information");
    }

    // zsh takes what is behind the first colon for the description.
    private static string Pair(string name, string? description) =>
        Quoted($"{name.Replace(":", "\\:", StringComparison.Ordinal)}:{Short(description)}");

    // The first sentence, in one line.
    private static string Short(string? description)
    {
        var line = (description ?? "").ReplaceLineEndings("\n").Split("\n\n")[0].Replace('\n', ' ');
        return line.IndexOf(". ", StringComparison.Ordinal) is var end and >= 0 ? line[..end] : line.TrimEnd('.');
    }

    private static string Quoted(string text) => $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static string Identifier(string name) => new([.. name.Select(letter => char.IsAsciiLetterOrDigit(letter) ? letter : '_')]);
}
