namespace MigrationHost;

/// <summary>How the program <c>migrationhost</c> writes its log. An application's own log is its own.</summary>
public enum LogFormat
{
    /// <summary>A line for people.</summary>
    Text,

    /// <summary>One JSON object a line, in Serilog's compact form: <see href="https://clef-json.org"/>.</summary>
    Json,
}
