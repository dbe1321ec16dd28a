namespace MigrationHost.Tools;

/// <summary>An external tool to be run: never through a shell, each argument as it is.</summary>
internal sealed record ToolCommand
{
    /// <summary>The tool's short name, for logs and messages: no path, no arguments.</summary>
    public required string Name { get; init; }

    /// <summary>The program's full path.</summary>
    public required string Executable { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    /// <summary>The full path of the folder it runs in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>What is set on top of this process's own environment; null removes a variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>The same with variables that it has no value for yet.</summary>
    public ToolCommand With(IReadOnlyDictionary<string, string> variables)
    {
        var environment = new Dictionary<string, string?>(Environment, StringComparer.Ordinal);
        foreach (var (name, value) in variables)
            environment.TryAdd(name, value);
        return this with { Environment = environment };
    }

    /// <summary>The command line for people. It can contain secrets.</summary>
    public string CommandLine => string.Join(
        ' ',
        Arguments.Prepend(Executable).Select(part => part.Length > 0 && !part.Any(char.IsWhiteSpace) ? part : $"'{part}'"));
}
