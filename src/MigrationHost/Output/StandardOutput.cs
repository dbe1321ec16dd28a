namespace MigrationHost.Output;

/// <summary>The process's own two streams. Nothing that works on databases ever waits for whoever reads them.</summary>
internal static class StandardOutput
{
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(2);

    /// <summary>stdout.</summary>
    public static OutputQueue Out { get; } = new("migrationhost-output", new StandardStream(StandardStream.Out), TimeProvider.System);

    /// <summary>stderr.</summary>
    public static OutputQueue Error { get; } = new("migrationhost-errors", new StandardStream(StandardStream.Error), TimeProvider.System);

    /// <summary>Takes the place of .NET's console: whatever writes to it, loggers above all, waits for no reader any more.</summary>
    /// <param name="answer">Whether stdout belongs to an answer: then both go to stderr.</param>
    public static void TakeConsole(bool answer)
    {
        Console.SetOut(new OutputWriter(answer ? Error : Out));
        Console.SetError(new OutputWriter(Error));
    }

    /// <summary>Gives the last words a moment to arrive.</summary>
    public static Task<bool[]> FinishAsync() => Task.WhenAll(Out.WrittenAsync(LastWords), Error.WrittenAsync(LastWords));
}
