namespace MigrationHost;

/// <summary>Where <c>/metrics</c> answers, in the text form of Prometheus.</summary>
public enum MetricsExposure
{
    /// <summary>On <c>ManagementUrl</c> only; nowhere without one.</summary>
    Management,

    /// <summary>On every address that has it mapped, and on <c>ManagementUrl</c>.</summary>
    On,

    /// <summary>Nowhere. Other collectors of the meter <c>MigrationHost</c> still read it.</summary>
    Off,
}
