namespace MigrationHost.Api;

/// <summary>The form of the program's log, as it is known before the settings are checked: what is wrong with them has it too.</summary>
internal static class LogForm
{
    /// <summary>As the environment and the command line say, which can be read even if a settings file cannot.</summary>
    /// <param name="settings">The settings of the command line.</param>
    public static LogFormat Of(string[] settings) =>
        Of(new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(settings).Build());

    /// <summary>As all settings say.</summary>
    public static LogFormat Of(IConfiguration settings) => Enum.TryParse<LogFormat>(
        settings[$"{MigrationHostOptions.SectionName}:{nameof(MigrationHostOptions.Log)}"], ignoreCase: true, out var form)
        ? form
        : LogFormat.Text;
}
