using System.Globalization;

namespace MigrationHost.Layouts;

/// <summary>The version of the next migration, in the form of the last one: a number that is one higher, or the time.</summary>
internal static class NextVersion
{
    /// <summary>The form that most tools give a time.</summary>
    public const string Timestamp = "yyyyMMddHHmmss";

    private static readonly string[] Times = ["yyyyMMddHHmmssfff", Timestamp, "yyyyMMddHHmm", "yyyyMMdd"];

    /// <param name="last">The digits of the last one, as its name has them.</param>
    /// <param name="now">The time.</param>
    public static string After(string last, DateTimeOffset now)
    {
        var time = TimeLike(last, now);
        return time is not null && string.CompareOrdinal(time, last) > 0 ? time : OneMore(last);
    }

    /// <summary>The time, for a folder that has no migration yet.</summary>
    public static string First(DateTimeOffset now) => now.UtcDateTime.ToString(Timestamp, CultureInfo.InvariantCulture);

    /// <summary>Words as a part of a file's name; empty where they have neither letters nor digits.</summary>
    public static string Slug(string words) => string.Join(
        '_',
        new string([.. words.Select(letter => char.IsLetterOrDigit(letter) ? letter : ' ')])
            .Split(' ', StringSplitOptions.RemoveEmptyEntries));

    // A number that could be a time is one if it lies in the time of those who write migrations.
    private static string? TimeLike(string last, DateTimeOffset now)
    {
        var soon = now.AddYears(1);
        foreach (var form in Times.Where(form => form.Length == last.Length))
        {
            if (DateTime.TryParseExact(last, form, CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
                && time.Year > 1990 && time < soon.UtcDateTime)
                return now.UtcDateTime.ToString(form, CultureInfo.InvariantCulture);
        }
        return last.Length switch
        {
            10 when Lies(1_000_000_000, soon.ToUnixTimeSeconds()) => $"{now.ToUnixTimeSeconds()}",
            13 when Lies(1_000_000_000_000, soon.ToUnixTimeMilliseconds()) => $"{now.ToUnixTimeMilliseconds()}",
            _ => null,
        };

        bool Lies(long from, long to) => long.Parse(last, CultureInfo.InvariantCulture) is var number && from <= number && number <= to;
    }

    private static string OneMore(string digits)
    {
        var next = digits.ToCharArray();
        for (var i = next.Length - 1; i >= 0; i--)
        {
            if (next[i] != '9')
            {
                next[i]++;
                return new string(next);
            }
            next[i] = '0';
        }
        return $"1{new string(next)}";
    }
}
