using System.Data.Common;
using System.Diagnostics;
using MigrationHost.Masking;
using OpenTelemetry;

namespace MigrationHost.Api;

/// <summary>What leaves in a span is what the status would show: no SQL text unless it is asked for, no secret.</summary>
/// <remarks>
/// What a database says of a failure quotes the statement and its rows. Events cannot be changed once a span has them, so what the driver
/// records of an exception is decided before.
/// </remarks>
internal sealed class SpanPrivacy : BaseProcessor<Activity>
{
    /// <summary>The driver's tags.</summary>
    private const string QueryText = "db.query.text", StatusCode = "db.response.status_code";

    private readonly Secrets _secrets;
    private readonly bool _showsStatements;
    private readonly ActivityListener _exceptions;

    /// <param name="driver">The source of the driver's spans.</param>
    /// <param name="secrets">Masks what is left.</param>
    /// <param name="options">Say whether SQL text may be shown.</param>
    public SpanPrivacy(string driver, Secrets secrets, MigrationHostOptions options)
    {
        (_secrets, _showsStatements) = (secrets, options.Databases.Values.All(database => database.ShowStatements));
        _exceptions = new ActivityListener { ShouldListenTo = source => source.Name == driver, ExceptionRecorder = Record };
        ActivitySource.AddActivityListener(_exceptions);
    }

    public override void OnEnd(Activity span)
    {
        var isOwn = span.Source.Name == Running.RunTrace.SourceName;

        // The driver's own spans count as a part of a start. Who looks for blockers or waits for its turn beside it is none.
        if (span.Parent is null && span.ParentSpanId == default && !isOwn)
        {
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }
        if (!_showsStatements)
            span.SetTag(QueryText, null);
        if (span.StatusDescription is { } said)
            span.SetStatus(span.Status, isOwn || _showsStatements ? _secrets.In(said) : span.GetTagItem(StatusCode) as string);
        foreach (var (name, value) in span.Tags.ToList())
        {
            if (value is not null && _secrets.In(value) is var masked && !ReferenceEquals(masked, value))
                span.SetTag(name, masked);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _exceptions.Dispose();
        base.Dispose(disposing);
    }

    private void Record(Activity span, Exception exception, ref TagList tags)
    {
        tags.Add("exception.message", _showsStatements ? _secrets.In(exception.Message) : (exception as DbException)?.SqlState ?? "");
        tags.Add("exception.stacktrace", _showsStatements ? _secrets.In(exception.ToString()) : "");
    }
}
