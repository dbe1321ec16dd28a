namespace MigrationHost.Masking;

/// <summary>Stands in a log for an exception whose text has a secret in it, or what is not plain.</summary>
internal sealed class MaskedException : Exception
{
    private readonly string _text;

    private MaskedException(string message, string text) : base(message) => _text = text;

    /// <summary>The exception itself if there is nothing to mask.</summary>
    public static Exception Of(Exception exception, Secrets secrets)
    {
        var text = exception.ToString();
        var masked = secrets.In(text);
        return masked == text && IsPlain(exception)
            ? exception
            : new MaskedException(PlainText.Line(secrets.In(exception.Message)), PlainText.Lines(masked));
    }

    // A stack trace has lines of its own.
    private static bool IsPlain(Exception? exception) =>
        exception is null || PlainText.Line(exception.Message) == exception.Message && IsPlain(exception.InnerException);

    public override string ToString() => _text;
}
