using System.Globalization;

namespace MigrationHost;

/// <summary>Durations as settings and headers write them: <c>[d.]hh:mm:ss[.fff]</c>, longer than zero, at most 24 days.</summary>
internal static class Duration
{
    /// <summary>What .NET's timers take (about 24.8 days), rounded down to what one can say.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    private const string TooLong = "is longer than 24 days, the longest that can be timed";

    /// <summary>Reads a duration; null when all is well, else what is wrong and the form to write. The text itself is not quoted: it may be
    /// a secret in the wrong place.</summary>
    public static string? Read(string text, out TimeSpan duration)
    {
        duration = default;
        var (dayPart, timePart) = text.Split('.') is [var first, ..] && !first.Contains(':') ? (first, text[Math.Min(first.Length + 1, text.Length)..]) : ("0", text);
        if (!int.TryParse(dayPart, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            || !TimeSpan.TryParseExact(timePart, [@"hh\:mm\:ss", @"hh\:mm\:ss\.FFFFFFF"], CultureInfo.InvariantCulture, out var time))
            return $"is not a duration: write [d.]hh:mm:ss[.fff], {Example(text)}";
        if (days > Longest.Days)
            return TooLong;
        duration = TimeSpan.FromDays(days) + time;
        return Check(duration);
    }

    /// <summary>Checks a duration that was set in code.</summary>
    public static string? Check(TimeSpan duration) =>
        duration <= TimeSpan.Zero
            ? $"{duration.ToString("c", CultureInfo.InvariantCulture)} is not longer than zero: write for example 00:00:30 for thirty seconds"
        : duration > Longest ? TooLong
        : null;

    /// <summary>The duration for people: <c>850 ms</c>, <c>12 s</c>, <c>3 min 5 s</c>, <c>2 h 10 min</c>.</summary>
    public static string Say(TimeSpan duration) => duration switch
    {
        { TotalSeconds: < 1 } => $"{(long)duration.TotalMilliseconds} ms",
        { TotalSeconds: < 10 } => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(duration.TotalSeconds * 10) / 10:0.#} s"),
        { TotalSeconds: < 60 } => $"{(long)duration.TotalSeconds} s",
        { TotalHours: < 1, Seconds: 0 } => $"{duration.Minutes} min",
        { TotalHours: < 1 } => $"{duration.Minutes} min {duration.Seconds} s",
        _ => $"{(long)duration.TotalHours} h {duration.Minutes} min",
    };

    /// <summary>As <see cref="Say(TimeSpan)"/>, from milliseconds.</summary>
    public static string Say(long milliseconds) => Say(TimeSpan.FromMilliseconds(milliseconds));

    // A longer number may be anything, a password too.
    private static string Example(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 10_000
            ? $"for {number} seconds {TimeSpan.FromSeconds(number).ToString("c", CultureInfo.InvariantCulture)}"
            : "for example 00:00:30 for thirty seconds";
}
