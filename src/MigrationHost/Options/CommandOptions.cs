namespace MigrationHost;

/// <summary>An external tool that migrates the database, or that proves the result. It is started without a shell.</summary>
public sealed class CommandOptions
{
    /// <summary>The program: a name that is looked up on the PATH, or a path relative to the content root.</summary>
    public string? Executable { get; set; }

    /// <summary>Its arguments, each handed over as it is.</summary>
    public IList<string> Arguments { get; } = [];

    /// <summary>The folder it runs in, relative to the content root. Default: the content root.</summary>
    public string? WorkingDirectory { get; set; }

    /// <summary>Environment variables on top of the service's own.</summary>
    public IDictionary<string, string> Environment { get; } = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>
    /// A command whose exit code 0 proves that the database is at its target. It is asked after the tool has run, and by <c>status</c>.
    /// </summary>
    public CommandOptions? Verify { get; set; }
}
