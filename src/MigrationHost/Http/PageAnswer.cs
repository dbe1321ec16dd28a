using System.Security.Cryptography;
using MigrationHost.Http.Page;
using MigrationHost.Running;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Http;

/// <summary>Answers with the status page.</summary>
internal static class PageAnswer
{
    private const string ContentType = "text/html; charset=utf-8";

    /// <param name="context">The request.</param>
    /// <param name="statusCode">503 in place of a page of the application.</param>
    /// <param name="full">Whether the reader may see everything.</param>
    /// <param name="events">Where changes are told; null if they are not.</param>
    public static Task WriteAsync(HttpContext context, int statusCode, bool full, string? events)
    {
        var services = context.RequestServices;
        var runs = services.GetRequiredService<MigrationRuns>();
        var status = runs.State.Current;
        var now = services.GetRequiredService<TimeProvider>().GetUtcNow();
        var model = new PageModel(runs, full ? status : BriefStatus.Of(status), full, now);
        var nonce = Convert.ToHexString(RandomNumberGenerator.GetBytes(16));
        context.Response.Headers.ContentSecurityPolicy = StatusPage.PolicyOf(nonce);
        context.Response.Headers.XContentTypeOptions = "nosniff";
        var page = StatusPage.Write(model, nonce, events, waits: statusCode == StatusCodes.Status503ServiceUnavailable);
        return JsonAnswer.WriteAsync(context, statusCode, page, ContentType);
    }
}
