using MigrationHost.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Http;

/// <summary>The status document, and a diagnosis of one database's locks.</summary>
internal static class StatusEndpoints
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/migrations");
        group.MapMethods("", JsonAnswer.Methods, AnswerStatusAsync);
        group.MapMethods("/{database}/locks", JsonAnswer.Methods, AnswerLocksAsync);
        return group.WithMetadata(AllowBeforeReadyMetadata.Own);
    }

    private static Task AnswerStatusAsync(HttpContext context)
    {
        var shown = Shown(context);
        if (shown.IsOff)
            return JsonAnswer.NotFoundAsync(context);
        var document = shown.Document(Runs(context).State.Current);
        return JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, document, StatusJson.Default.MigrationStatus);
    }

    private static async Task AnswerLocksAsync(HttpContext context)
    {
        if (!Shown(context).IsFull || Runs(context).Find((string)context.GetRouteValue("database")!) is not { } run)
        {
            await JsonAnswer.NotFoundAsync(context).ConfigureAwait(false);
            return;
        }
        var diagnosis = await run.Diagnostician.TakeAsync(Fresh).ConfigureAwait(false);
        var report = LockWaits.AddTo(diagnosis, run.State.Read());
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, report, StatusJson.Default.LockReport).ConfigureAwait(false);
    }

    private static MigrationRuns Runs(HttpContext context) => context.RequestServices.GetRequiredService<MigrationRuns>();

    private static ShownDetail Shown(HttpContext context) => context.RequestServices.GetRequiredService<ShownDetail>();
}
