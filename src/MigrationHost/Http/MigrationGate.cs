using System.Globalization;
using MigrationHost.Http.Page;
using MigrationHost.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Http;

/// <summary>Answers 503 to every request until all databases are ready, except at marked endpoints: those it runs itself.</summary>
/// <remarks>Open, it costs one read of a field.</remarks>
internal sealed class MigrationGate
{
    private readonly RequestDelegate _next;
    private readonly RequestDelegate _routes;
    private readonly PathString[] _pathBases;
    private readonly EndpointDataSource _endpoints;
    private readonly MigrationState _state;
    private readonly ShownDetail _shown;
    private readonly TimeProvider _time;
    private readonly bool _guarded;

    public MigrationGate(RequestDelegate next, MigrationRuns runs, ShownDetail shown, IServiceProvider services, TimeProvider time)
    {
        (_next, _state, _shown, _time) = (next, runs.State, shown, time);
        _endpoints = services.GetRequiredService<EndpointDataSource>();
        _routes = GateRoutes.Build(services, RefuseAsync);
        _pathBases = PathBases.In(next);
        _guarded = StatusAddress.IsGuarded(services);
    }

    public Task InvokeAsync(HttpContext context) =>
        _state.IsReady ? _next(context) : _pathBases.Length == 0 ? _routes(context) : RouteAsync(context);

    private async Task RouteAsync(HttpContext context)
    {
        var request = context.Request;
        var (pathBase, path) = (request.PathBase, request.Path);
        PathBases.TakeOff(_pathBases, request);
        try
        {
            await _routes(context).ConfigureAwait(false);
        }
        finally
        {
            (request.PathBase, request.Path) = (pathBase, path);
        }
    }

    private Task RefuseAsync(HttpContext context)
    {
        var status = _state.Current;
        context.Response.Headers.RetryAfter = RetryAfter(status).ToString(CultureInfo.InvariantCulture);
        var address = StatusAddress.Of(_endpoints, context.Request.PathBase, _guarded);
        var full = _shown.IsFull && !address.IsRestricted;
        if (!_shown.IsOff && IsRead(context.Request) && Preference.IsHtml(context.Request))
            return PageAnswer.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, full, address.Events);
        var waiting = status.Databases.Where(database => database.Phase != MigrationPhase.Ready);
        var detail = string.Join(" | ", waiting.Select(database => $"{database.Name}: {StatusSentence.Of(database, full)}"));
        return JsonAnswer.WriteAsync(
            context,
            StatusCodes.Status503ServiceUnavailable,
            new NotReadyProblem { Detail = detail },
            StatusJson.Default.NotReadyProblem,
            "application/problem+json");
    }

    private static bool IsRead(HttpRequest request) => HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);

    // Until the next attempt if one is planned, else soon: most migrations take seconds.
    private int RetryAfter(MigrationStatus status)
    {
        var next = status.Databases.Max(database => database.NextAttemptAt) is { } at ? (at - _time.GetUtcNow()).TotalSeconds : 0;
        return Math.Clamp((int)Math.Ceiling(next) + 1, 2, 3600);
    }
}
