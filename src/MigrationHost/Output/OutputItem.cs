namespace MigrationHost.Output;

/// <summary>Something that waits to be written.</summary>
internal sealed record OutputItem(string Text)
{
    /// <summary>Whether it is a part of the answer, which is never dropped.</summary>
    public bool IsAnswer { get; init; }

    /// <summary>What a newer report replaces; null for what nothing replaces.</summary>
    public string? Kind { get; init; }

    /// <summary>How many log lines are lost with it.</summary>
    public long LogLines { get; init; }

    /// <summary>What it adds to the backlog, in characters.</summary>
    public int Weight => IsAnswer ? 0 : Text.Length;
}
