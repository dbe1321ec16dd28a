namespace MigrationHost.Masking;

/// <summary>Stands in a log for an exception whose text has a secret in it.</summary>
internal sealed class MaskedException : Exception
{
    private readonly string _text;

    private MaskedException(string message, string text) : base(message) => _text = text;

    /// <summary>The exception itself if there is nothing to mask.</summary>
    public static Exception Of(Exception exception, Secrets secrets)
    {
        var text = exception.ToString();
        var masked = secrets.In(text);
        return masked == text ? exception : new MaskedException(secrets.In(exception.Message), masked);
    }

    public override string ToString() => _text;
}
