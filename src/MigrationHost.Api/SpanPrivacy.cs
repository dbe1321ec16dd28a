using System.Diagnostics;
using MigrationHost.Masking;
using OpenTelemetry;

namespace MigrationHost.Api;

/// <summary>What leaves in a span is what the status would show: no SQL text unless it is asked for, no secret.</summary>
/// <param name="secrets">Masks what is left.</param>
/// <param name="options">Say whether SQL text may be shown.</param>
internal sealed class SpanPrivacy(Secrets secrets, MigrationHostOptions options) : BaseProcessor<Activity>
{
    /// <summary>The driver's tag.</summary>
    private const string QueryText = "db.query.text";

    private readonly bool _showsStatements = options.Databases.Values.All(database => database.ShowStatements);

    public override void OnEnd(Activity span)
    {
        // The driver's own spans count as a part of a start. Who looks for blockers or waits for its turn beside it is none.
        if (span.Parent is null && span.ParentSpanId == default && span.Source.Name != Running.RunTrace.SourceName)
        {
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }
        if (!_showsStatements)
            span.SetTag(QueryText, null);
        foreach (var (name, value) in span.Tags.ToList())
        {
            if (value is not null && secrets.In(value) is var masked && !ReferenceEquals(masked, value))
                span.SetTag(name, masked);
        }
    }
}
