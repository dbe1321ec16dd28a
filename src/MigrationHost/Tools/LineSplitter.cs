using System.Text;

namespace MigrationHost.Tools;

/// <summary>Cuts one output stream into lines, in bounded memory: if a line end does not come, the line ends all the same.</summary>
/// <param name="onLine">Is given each line, without its end.</param>
/// <param name="longest">After how many characters a line is cut.</param>
/// <param name="complete">How much of a piece can be told before the rest of its line is there; null for all of it.</param>
internal sealed class LineSplitter(Action<string> onLine, int longest = LineSplitter.Longest, Func<string, int>? complete = null)
{
    /// <summary>In characters, for the output of tools.</summary>
    public const int Longest = 8192;

    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private char[] _line = new char[Longest];
    private readonly char[] _decoded = new char[4096];
    private int _length;
    private bool _afterReturn;

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            _decoder.Convert(bytes, _decoded, flush: false, out var used, out var made, out _);
            bytes = bytes[used..];
            Add(_decoded.AsSpan(0, made));
        }
    }

    /// <summary>The stream has ended: what is left is a line too.</summary>
    public void End()
    {
        if (_length > 0)
            Cut();
    }

    private void Add(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            var plain = text.IndexOfAnyInRange('\0', '\u001F') is var control and >= 0 ? control : text.Length;
            Append(text[..plain]);
            if (plain < text.Length)
                AddControl(text[plain]);
            text = text[Math.Min(plain + 1, text.Length)..];
        }
    }

    // A progress bar ends its lines with a carriage return alone.
    private void AddControl(char character)
    {
        var secondOfPair = character == '\n' && _afterReturn;
        if (!secondOfPair && (character is '\n' or '\r'))
            Cut();
        else if (!secondOfPair)
            Append(character == '\t' ? "\t" : " ");
        _afterReturn = character == '\r';
    }

    private void Append(ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            _afterReturn = false;
            if (_length == _line.Length)
                Array.Resize(ref _line, Math.Min(_line.Length * 2, longest));
            var part = text[..Math.Min(text.Length, _line.Length - _length)];
            part.CopyTo(_line.AsSpan(_length));
            _length += part.Length;
            text = text[part.Length..];
            if (_length == longest)
                CutLong();
        }
    }

    private void CutLong()
    {
        var piece = new string(_line, 0, _length);
        var told = complete?.Invoke(piece) ?? piece.Length;
        onLine(piece[..told]);
        piece.CopyTo(told, _line, 0, piece.Length - told);
        _length = piece.Length - told;
    }

    private void Cut()
    {
        onLine(new string(_line, 0, _length));
        _length = 0;
    }
}
