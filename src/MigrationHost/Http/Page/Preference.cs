using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace MigrationHost.Http.Page;

/// <summary>Whether a client would rather have a page than JSON.</summary>
internal static class Preference
{
    private const string Page = "text/html";
    private const string Json = "application/json";

    /// <summary>True if its Accept header gives HTML a higher quality than JSON, as every browser's does. Without one: JSON.</summary>
    public static bool IsHtml(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted))
            return false;
        return Quality(accepted, Page) > Quality(accepted, Json);
    }

    // The most specific range that fits says it (RFC 9110, 12.5.1).
    private static double Quality(IList<MediaTypeHeaderValue> accepted, string type)
    {
        var wanted = new MediaTypeHeaderValue(type);
        var fitting = accepted.Where(range => wanted.IsSubsetOf(range) && !HasParameters(range));
        return fitting.MaxBy(range => range.MatchesAllTypes ? 0 : range.MatchesAllSubTypes ? 1 : 2) is { } best ? best.Quality ?? 1 : 0;
    }

    private static bool HasParameters(MediaTypeHeaderValue range) => range.Parameters.Any(parameter => parameter.Name != "q");
}
