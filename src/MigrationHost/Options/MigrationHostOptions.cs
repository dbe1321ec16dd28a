namespace MigrationHost;

/// <summary>Settings, from the configuration section <c>MigrationHost</c>.</summary>
public sealed class MigrationHostOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string SectionName = "MigrationHost";

    /// <summary>What the host does until all databases are ready. Default: listen, and answer 503.</summary>
    public StartupMode Startup { get; set; }

    /// <summary>
    /// An address of its own for health and status, which answers from the first moment in either
    /// mode, for example <c>http://localhost:9090</c>.
    /// </summary>
    public string? ManagementUrl { get; set; }

    /// <summary>What the host does when a run fails. Default: stay up, unready.</summary>
    public FailureAction OnFailure { get; set; }

    /// <summary>How long after a failure that can heal by itself the next attempt begins. Default: 30 seconds.</summary>
    public TimeSpan RetryInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How many databases are worked on at a time, 1 to 1,000. One that is blocked lends its place to the next. Default: 16, which take a
    /// server some 32 connections.
    /// </summary>
    public int MaxParallel { get; set; } = 16;

    /// <summary>What status, health and the 503 show, and to whom.
    /// Default: everything on <see cref="ManagementUrl"/> and in the Development environment, else no names.</summary>
    public StatusDetail Status { get; set; }

    /// <summary>How the program <c>migrationhost</c> writes its log. Default: as text. It counts in no other application.</summary>
    public LogFormat Log { get; set; }

    /// <summary>Where <c>/metrics</c> answers. Default: on <see cref="ManagementUrl"/>.</summary>
    public MetricsExposure Metrics { get; set; }

    /// <summary>Time limits for all databases that do not set their own.</summary>
    public TimeoutOptions Timeouts { get; set; } = new();

    /// <summary>
    /// The databases by name. The name appears in status, logs and paths: letters, digits, <c>-</c>, <c>_</c> and <c>.</c>.
    /// </summary>
    public IDictionary<string, DatabaseOptions> Databases { get; } =
        new Dictionary<string, DatabaseOptions>(StringComparer.OrdinalIgnoreCase);

    internal const int MostParallel = 1000;

    /// <summary>Whether <c>DATABASE_URL</c> is set and does not count, since there are databases.</summary>
    internal bool IgnoresDatabaseUrl { get; set; }

    /// <summary>What is wrong with the configuration as text, before it became these options.</summary>
    internal List<string> Problems { get; } = [];
}
