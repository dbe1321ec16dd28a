using System.Text;

namespace MigrationHost.Tools;

/// <summary>Cuts one output stream into lines, in bounded memory: a line end that never comes ends the line after <see cref="Longest"/> characters.</summary>
internal sealed class LineSplitter(Action<string> onLine)
{
    public const int Longest = 8192;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private readonly char[] _line = new char[Longest];
    private readonly char[] _decoded = new char[4096];
    private int _length;
    private bool _afterReturn;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            _decoder.Convert(bytes, _decoded, flush: false, out var used, out var made, out _);
            bytes = bytes[used..];
            foreach (var character in _decoded.AsSpan(0, made))
                Add(character);
        }
    }

    /// <summary>The stream has ended: what is left is a line too.</summary>
    public void End()
    {
        if (_length > 0)
            Cut();
    }

    // A progress bar ends its lines with a carriage return alone.
    private void Add(char character)
    {
        var secondOfPair = character == '\n' && _afterReturn;
        _afterReturn = character == '\r';
        if (secondOfPair)
            return;
        if (character is '\n' or '\r')
        {
            Cut();
            return;
        }
        _line[_length++] = char.IsControl(character) && character != '\t' ? ' ' : character;
        if (_length == Longest)
            Cut();
    }

    private void Cut()
    {
        onLine(new string(_line, 0, _length));
        _length = 0;
    }
}
