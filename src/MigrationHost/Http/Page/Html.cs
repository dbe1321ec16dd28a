using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;

namespace MigrationHost.Http.Page;

/// <summary>A piece of HTML. Whatever is put into one is encoded, unless it is a piece itself.</summary>
internal sealed class Html
{
    public static readonly Html Nothing = new("");

    private readonly string _text;

    private Html(string text) => _text = text;

    /// <summary>HTML with values in it.</summary>
    public static Html Of(Handler text) => new(text.ToString());

    /// <summary>HTML that is a part of the program.</summary>
    public static Html Literal(string text) => new(text);

    /// <summary>Pieces one after another.</summary>
    public static Html Join(IEnumerable<Html> pieces) => new(string.Concat(pieces.Select(piece => piece._text)));

    public override string ToString() => _text;

    /// <summary>Writes an interpolated string.</summary>
    [InterpolatedStringHandler]
    internal readonly struct Handler(int literalLength, int holes)
    {
        private const int AverageHole = 24;

        private readonly StringBuilder _text = new(literalLength + (holes * AverageHole));

        public void AppendLiteral(string literal) => _text.Append(literal);

        public void AppendFormatted(Html? piece) => _text.Append(piece);

        public void AppendFormatted(IEnumerable<Html> pieces) => _text.AppendJoin("", pieces);

        public void AppendFormatted(string? text) => _text.Append(HtmlEncoder.Default.Encode(PlainText.Lines(text ?? "")));

        public void AppendFormatted(long number) => _text.Append(number);

        public override string ToString() => _text.ToString();
    }
}
