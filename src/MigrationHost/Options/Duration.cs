using System.Globalization;

namespace MigrationHost;

/// <summary>Durations as settings and headers write them: <c>[d.]hh:mm:ss[.fff]</c>, longer than zero, at most 24 days.</summary>
internal static class Duration
{
    /// <summary>What .NET's timers take (about 24.8 days), rounded down to what one can say.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>Reads a duration; null when all is well, else what is wrong with the text and the form to write.</summary>
    public static string? Read(string text, out TimeSpan duration)
    {
        duration = default;
        var (dayPart, timePart) = text.Split('.') is [var first, ..] && !first.Contains(':') ? (first, text[Math.Min(first.Length + 1, text.Length)..]) : ("0", text);
        if (!int.TryParse(dayPart, NumberStyles.None, CultureInfo.InvariantCulture, out var days)
            || !TimeSpan.TryParseExact(timePart, [@"hh\:mm\:ss", @"hh\:mm\:ss\.FFFFFFF"], CultureInfo.InvariantCulture, out var time))
            return $"'{text}' is no duration: write [d.]hh:mm:ss[.fff], {Example(text)}";
        if (days > Longest.Days)
            return TooLong(text);
        duration = TimeSpan.FromDays(days) + time;
        return Check(duration, text);
    }

    /// <summary>Checks a duration that was set in code.</summary>
    public static string? Check(TimeSpan duration) => Check(duration, duration.ToString("c", CultureInfo.InvariantCulture));

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

    private static string? Check(TimeSpan duration, string text) =>
        duration <= TimeSpan.Zero ? $"'{text}' is not longer than zero: write for example 00:00:30 for thirty seconds"
        : duration > Longest ? TooLong(text)
        : null;

    private static string TooLong(string text) => $"'{text}' is longer than 24 days, the longest that can be timed";

    private static string Example(string text) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is > 0 and < 1_000_000
            ? $"for {number} seconds {TimeSpan.FromSeconds(number).ToString("c", CultureInfo.InvariantCulture)}"
            : "for example 00:00:30 for thirty seconds";
}
