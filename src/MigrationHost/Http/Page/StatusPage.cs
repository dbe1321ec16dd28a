using System.Reflection;
using System.Text;

namespace MigrationHost.Http.Page;

/// <summary>The status as one page that needs nothing from anywhere else, and works without script.</summary>
internal static class StatusPage
{
    private static readonly Html Style = Resource("page.css");
    private static readonly Html Script = Resource("page.js");

    /// <param name="model">What to show.</param>
    /// <param name="nonce">What marks the page's own style and script, and nothing else's.</param>
    /// <param name="events">Where changes are told; null if they are not.</param>
    /// <param name="waits">Whether it is in place of a page of the application, which it brings once that is there.</param>
    public static byte[] Write(PageModel model, string nonce, string? events, bool waits) =>
        Encoding.UTF8.GetBytes(Document(model, nonce, events, waits).ToString());

    /// <summary>What the page may load and run: what is in it.</summary>
    public static string PolicyOf(string nonce) =>
        $"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; "
            + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private static Html Document(PageModel model, string nonce, string? events, bool waits)
    {
        var status = model.Status;
        var sentence = model.Databases.FirstOrDefault() is { } first ? PageSentence.Of(first, model.Now) : Html.Nothing;
        var instance = status.Instance is null ? Html.Nothing : Html.Of($"{status.Instance}, ");
        var title = status.Ready ? "Ready" : status.Blocked ? "Blocked" : status.Phase.ToString();
        return Html.Of(
            $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><title>{title}: database migrations</title>
            <meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
            <link rel="icon" href="data:,">
            <noscript><meta http-equiv="refresh" content="3"></noscript>
            <style nonce="{nonce}">{Style}</style></head>
            <body data-waits="{(waits ? "yes" : "no")}" data-events="{events}"><main id="page">
            <header id="sentence" aria-live="polite" class="{Kind(status)}"><h1>{sentence}</h1></header>
            <div id="databases">{model.Databases.Select(database => DatabaseSection.Of(model, database))}</div>
            <footer id="instance">{instance}MigrationHost {status.Version}. As of {PageTime.At(model.Now)}.</footer>
            </main><svg class="defs" aria-hidden="true"><pattern id="hatch" width="14" height="14" patternUnits="userSpaceOnUse">
            <path d="M-4 18 18 -4"/></pattern></svg>
            <script nonce="{nonce}">{Script}</script></body></html>
            """);
    }

    private static string Kind(MigrationStatus status) =>
        status.Ready ? "ready" : status.Blocked ? "blocked" : status.Phase <= MigrationPhase.Stopped ? "failed" : "works";

    private static Html Resource(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
        using var reader = new StreamReader(stream);
        return Html.Literal(reader.ReadToEnd());
    }
}
