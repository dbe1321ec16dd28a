namespace MigrationHost.Commands;

/// <summary>Colours for the answer on a terminal; none where it is read by a program, or the user wants none.</summary>
/// <param name="hasColor">Whether there are any.</param>
internal sealed class Paint(bool hasColor)
{
    /// <summary>As the terminal, the user and the command line will have it.</summary>
    public static Paint Of(CommonOptions options) => new(options.HasColor && !Console.IsOutputRedirected);

    /// <summary>What is to be acted on.</summary>
    public string Alarm(string text) => In("1;31", text);

    /// <summary>What needs a look.</summary>
    public string Notice(string text) => In("33", text);

    /// <summary>What is in order.</summary>
    public string Good(string text) => In("32", text);

    /// <summary>What to do.</summary>
    public string Remedy(string text) => In("1", text);

    private string In(string code, string text) => hasColor ? $"\e[{code}m{text}\e[0m" : text;
}
