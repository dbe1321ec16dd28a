namespace MigrationHost.Tests.Support;

/// <summary>A span as a collector gets it.</summary>
internal sealed record OtlpSpan(string Source, string Name, string Trace, string Id, string Parent, IReadOnlyList<string> Tags);
