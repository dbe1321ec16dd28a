using System.Collections;

namespace MigrationHost.Masking;

/// <summary>A line of a log: its text, and the values in it by name.</summary>
internal sealed class LogLine : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string _text;
    private readonly KeyValuePair<string, object?>[] _values;

    private LogLine(string text, KeyValuePair<string, object?>[] values) => (_text, _values) = (text, values);

    public static Func<LogLine, Exception?, string> Formatter { get; } = static (line, _) => line._text;

    public int Count => _values.Length;

    public KeyValuePair<string, object?> this[int index] => _values[index];

    /// <param name="state">What the line was logged with.</param>
    /// <param name="text">Its text.</param>
    /// <param name="change">What becomes of a value that is a text.</param>
    public static LogLine Of(object? state, string text, Func<string, string> change) => new(
        text,
        [
            .. from pair in state as IEnumerable<KeyValuePair<string, object?>> ?? []
               select pair.Value is string value ? KeyValuePair.Create(pair.Key, (object?)change(value)) : pair,
        ]);

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => _values.AsEnumerable().GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;
}
