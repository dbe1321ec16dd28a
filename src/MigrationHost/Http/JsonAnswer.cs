using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;

namespace MigrationHost.Http;

/// <summary>Writes an answer that no cache may keep.</summary>
internal static class JsonAnswer
{
    public static Task WriteAsync<T>(HttpContext context, int statusCode, T value, JsonTypeInfo<T> type, string contentType = "application/json") =>
        WriteAsync(context, statusCode, JsonSerializer.SerializeToUtf8Bytes(value, type), contentType);

    public static Task WriteAsync(HttpContext context, int statusCode, byte[] body, string contentType = "application/json")
    {
        var response = context.Response;
        response.StatusCode = statusCode;
        response.ContentType = contentType;
        response.ContentLength = body.Length;
        response.Headers.CacheControl = "no-store";
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : response.Body.WriteAsync(body, 0, body.Length, context.RequestAborted);
    }
}
