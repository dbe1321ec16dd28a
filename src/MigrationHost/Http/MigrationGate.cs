using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Template;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>Answers 503 to every request until all databases are ready, except to endpoints that are marked. Open, it costs one read of a field.</summary>
/// <remarks>First in the pipeline it sees neither an endpoint nor the path base that a later middleware will take off. So it lets a request through whose path could reach a marked endpoint, behind any prefix, and looks again when routing chooses.</remarks>
internal sealed class MigrationGate(RequestDelegate next, MigrationRuns runs, EndpointDataSource endpoints, IOptions<MigrationHostOptions> options, TimeProvider time)
{
    private readonly MigrationState _state = runs.State;
    private readonly bool _brief = options.Value.Status != StatusDetail.Full;

    public Task InvokeAsync(HttpContext context) => _state.IsReady ? next(context) : CheckAsync(context);

    private Task CheckAsync(HttpContext context)
    {
        if (context.GetEndpoint() is { } chosen)
            return IsAllowed(chosen) ? next(context) : RefuseAsync(context);
        if (!CouldReachAllowed(context.Request.Path))
            return RefuseAsync(context);
        context.Features.Set<IEndpointFeature>(new GatedEndpoint(new Endpoint(RefuseAsync, EndpointMetadataCollection.Empty, "not ready")));
        return next(context);
    }

    private bool CouldReachAllowed(PathString path)
    {
        var allowed = endpoints.Endpoints.OfType<RouteEndpoint>().Where(IsAllowed).Select(endpoint => new TemplateMatcher(new RouteTemplate(endpoint.RoutePattern), [])).ToList();
        var text = path.Value ?? "";
        for (var at = text.IndexOf('/'); at >= 0; at = text.IndexOf('/', at + 1))
        {
            var suffix = new PathString(text[at..]);
            if (allowed.Exists(matcher => matcher.TryMatch(suffix, [])))
                return true;
        }
        return false;
    }

    private static bool IsAllowed(Endpoint endpoint) => endpoint.Metadata.GetMetadata<AllowBeforeReadyMetadata>() is not null;

    private Task RefuseAsync(HttpContext context)
    {
        var status = _state.Current;
        var waiting = status.Databases.Where(database => database.Phase != MigrationPhase.Ready);
        var detail = string.Join(" | ", waiting.Select(database => $"{database.Name}: {(_brief ? StatusSentence.Brief(database) : StatusSentence.Of(database))}"));
        context.Response.Headers.RetryAfter = RetryAfter(status).ToString(CultureInfo.InvariantCulture);
        return JsonAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, new NotReadyProblem { Detail = detail }, StatusJson.Default.NotReadyProblem, "application/problem+json");
    }

    // Until the next attempt where one is planned, else soon: most migrations take seconds.
    private int RetryAfter(MigrationStatus status)
    {
        var next = status.Databases.Max(database => database.NextAttemptAt) is { } at ? (at - time.GetUtcNow()).TotalSeconds : 0;
        return Math.Clamp((int)Math.Ceiling(next) + 1, 2, 3600);
    }

    /// <summary>Where routing puts the endpoint it has chosen: one that is not marked is replaced by the refusal.</summary>
    private sealed class GatedEndpoint(Endpoint refusal) : IEndpointFeature
    {
        private Endpoint? _endpoint;

        public Endpoint? Endpoint
        {
            get => _endpoint;
            set => _endpoint = value is null || IsAllowed(value) ? value : refusal;
        }
    }
}
