using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace MigrationHost.Http;

/// <summary>Writes an answer that no cache may keep.</summary>
internal static class JsonAnswer
{
    /// <summary>What can be asked with: HEAD is GET without the body.</summary>
    public static readonly string[] Methods = [HttpMethods.Get, HttpMethods.Head];

    public static Task WriteAsync<T>(
        HttpContext context,
        int statusCode,
        T value,
        JsonTypeInfo<T> type,
        string contentType = "application/json") =>
        WriteAsync(context, statusCode, JsonSerializer.SerializeToUtf8Bytes(value, type), contentType);

    public static Task WriteAsync(HttpContext context, int statusCode, byte[] body, string contentType = "application/json")
    {
        var response = context.Response;
        response.ContentType = contentType;
        WriteHead(response, statusCode, body.Length);
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }

    public static Task NotFoundAsync(HttpContext context)
    {
        WriteHead(context.Response, StatusCodes.Status404NotFound, length: 0);
        return Task.CompletedTask;
    }

    /// <summary>As many listen already as may.</summary>
    public static Task TooManyAsync(HttpContext context)
    {
        WriteHead(context.Response, StatusCodes.Status503ServiceUnavailable, length: 0);
        return Task.CompletedTask;
    }

    /// <summary>No cache may keep the answer, and it is another one for a client that wants another form.</summary>
    public static void KeepNothing(HttpResponse response)
    {
        response.Headers.CacheControl = "no-store";
        response.Headers.Vary = "Accept";
    }

    private static void WriteHead(HttpResponse response, int statusCode, int length)
    {
        response.StatusCode = statusCode;
        response.ContentLength = length;
        KeepNothing(response);
    }
}
