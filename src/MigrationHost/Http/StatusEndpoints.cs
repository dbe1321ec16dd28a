using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>The status document, and a diagnosis of one database's locks.</summary>
internal static class StatusEndpoints
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);

    public static RouteGroupBuilder Map(IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/migrations");
        group.MapGet("", AnswerStatusAsync);
        group.MapGet("/{database}/locks", AnswerLocksAsync);
        return group;
    }

    private static Task AnswerStatusAsync(HttpContext context)
    {
        var status = Runs(context).State.Current;
        return Detail(context) switch
        {
            StatusDetail.Off => NotFound(context),
            StatusDetail.Brief => JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, BriefStatus.Of(status), StatusJson.Default.MigrationStatus),
            _ => JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, status, StatusJson.Default.MigrationStatus),
        };
    }

    private static async Task AnswerLocksAsync(HttpContext context)
    {
        if (Detail(context) != StatusDetail.Full || Runs(context).Find((string)context.GetRouteValue("database")!) is not { } run)
        {
            await NotFound(context).ConfigureAwait(false);
            return;
        }
        var diagnosis = await run.Diagnostician.TakeAsync(Fresh).ConfigureAwait(false);
        await JsonAnswer.WriteAsync(context, StatusCodes.Status200OK, LockWaits.AddTo(diagnosis.Report, run.State.Read()), StatusJson.Default.LockReport).ConfigureAwait(false);
    }

    private static MigrationRuns Runs(HttpContext context) => context.RequestServices.GetRequiredService<MigrationRuns>();

    private static StatusDetail Detail(HttpContext context) => context.RequestServices.GetRequiredService<IOptions<MigrationHostOptions>>().Value.Status;

    private static Task NotFound(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }
}
