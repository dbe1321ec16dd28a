using MigrationHost.Http.Page;
using MigrationHost.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Http;

/// <summary>The status document, and a diagnosis of one database's locks.</summary>
internal static class StatusEndpoints
{
    public const string EventsPath = "/events";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/migrations");
        group.MapMethods("", JsonAnswer.Methods, AnswerStatusAsync).Describe(
            AnswerStatusAsync,
            "The state of every database; names are null where the status is brief. A browser gets a page.",
            EndpointDescription.Json<MigrationStatus>(),
            EndpointDescription.Empty(StatusCodes.Status404NotFound));
        group.MapGet(EventsPath, AnswerEventsAsync).Describe(
            AnswerEventsAsync,
            "The status document at every change, as server-sent events.",
            EndpointDescription.Text("text/event-stream"),
            EndpointDescription.Empty(StatusCodes.Status404NotFound),
            EndpointDescription.Empty(StatusCodes.Status503ServiceUnavailable));
        group.MapMethods("/{database}/locks", JsonAnswer.Methods, context => AnswerLocksAsync(context, Name(context))).Describe(
            AnswerLocksAsync,
            "Who holds and who waits for what, no older than a second. Not found where the status is not full.",
            EndpointDescription.Json<LockReport>(),
            EndpointDescription.Empty(StatusCodes.Status404NotFound));
        return group.WithMetadata(AllowBeforeReadyMetadata.Own);
    }

    private static Task AnswerStatusAsync(HttpContext context)
    {
        var shown = Shown(context);
        if (shown.IsOff)
            return JsonAnswer.NotFoundAsync(context);
        if (Preference.IsHtml(context.Request))
        {
            var events = context.Request.PathBase.Add(context.Request.Path).Add(EventsPath);
            return PageAnswer.WriteAsync(context, StatusCodes.Status200OK, shown.IsFull, events);
        }
        var document = shown.Document(Runs(context).State.Current);
        return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, document, StatusJson.Default.MigrationStatus);
    }

    private static Task AnswerEventsAsync(HttpContext context)
    {
        if (Shown(context).IsOff)
            return JsonAnswer.NotFoundAsync(context);
        var services = context.RequestServices;
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        var leaves = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        context.Response.RegisterForDispose(leaves);
        if (services.GetRequiredService<StatusEvents>().Listen(leaves.Token) is not { } events)
            return JsonAnswer.TooManyAsync(context);
        JsonAnswer.KeepNothing(context.Response);
        return TypedResults.ServerSentEvents(events).ExecuteAsync(context);
    }

    private static async Task AnswerLocksAsync(HttpContext context, string database)
    {
        if (!Shown(context).IsFull || Runs(context).Find(database) is not { } run)
        {
            await JsonAnswer.NotFoundAsync(context).ConfigureAwait(false);
            return;
        }
        var diagnosis = await run.Diagnostician.TakeAsync(Fresh).ConfigureAwait(false);
        var report = LockWaits.AddTo(diagnosis, run.State.Read());
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, report, StatusJson.Default.LockReport).ConfigureAwait(false);
    }

    private static string Name(HttpContext context) => (string)context.GetRouteValue("database")!;

    private static MigrationRuns Runs(HttpContext context) => context.RequestServices.GetRequiredService<MigrationRuns>();

    private static ShownDetail Shown(HttpContext context) => context.RequestServices.GetRequiredService<ShownDetail>();
}
