namespace MigrationHost.Commands;

/// <summary>
/// Tells settings (<c>--MigrationHost:Databases:app:ConnectionString=…</c>, <c>--urls …</c>) from a command and its options.
/// </summary>
internal static class SettingArguments
{
    /// <summary>What ASP.NET Core itself reads from the command line without a colon in its key.</summary>
    private static readonly string[] HostKeys = ["urls", "http_ports", "https_ports", "environment", "contentRoot", "applicationName"];

    /// <summary>Sections as a whole: ASP.NET Core's test server passes them on, empty, before what is in them.</summary>
    private static readonly string[] Sections = [MigrationHostOptions.SectionName, "ConnectionStrings", "Kestrel", "Logging", "Serilog"];

    public static (string[] Command, string[] Settings) Split(string[] args)
    {
        List<string> command = [], settings = [];
        for (var i = 0; i < args.Length; i++)
        {
            if (!IsSetting(args[i]))
            {
                command.Add(args[i]);
                continue;
            }
            if (args[i].Contains('=', StringComparison.Ordinal))
                settings.Add(args[i]);
            else if (i + 1 < args.Length && !args[i + 1].StartsWith("--", StringComparison.Ordinal))
                settings.AddRange([args[i], args[++i]]);
            else
                settings.Add($"{args[i]}="); // without a value of its own it would take what follows for it
        }
        return ([.. command], [.. settings]);
    }

    private static bool IsSetting(string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal))
            return false;
        var key = argument[2..].Split('=')[0];
        return key.Contains(':', StringComparison.Ordinal) || HostKeys.Concat(Sections).Contains(key, StringComparer.OrdinalIgnoreCase);
    }
}
