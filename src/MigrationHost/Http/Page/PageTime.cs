using System.Globalization;

namespace MigrationHost.Http.Page;

/// <summary>Times and durations on the page: a script shows them in the reader's time zone and lets them run on.</summary>
internal static class PageTime
{
    public static Html At(DateTimeOffset at)
    {
        var utc = at.UtcDateTime;
        return Html.Of($"<time datetime=\"{Text(utc, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'")}\">{Text(utc, "yyyy-MM-dd HH:mm:ss'Z'")}</time>");
    }

    /// <summary>A duration that goes on.</summary>
    public static Html Running(long milliseconds) => Html.Of($"<span data-ms=\"{milliseconds}\">{Duration.Say(milliseconds)}</span>");

    private static string Text(DateTime utc, string form) => utc.ToString(form, CultureInfo.InvariantCulture);
}
