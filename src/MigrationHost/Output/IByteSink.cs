namespace MigrationHost.Output;

/// <summary>Where the bytes of an output go. It may block for as long as nobody reads.</summary>
internal interface IByteSink
{
    /// <summary>Writes some of it.</summary>
    /// <param name="bytes">What to write.</param>
    /// <param name="failure">Why the rest cannot be written; null if it can be tried again.</param>
    /// <returns>How many bytes were written.</returns>
    int Write(ReadOnlySpan<byte> bytes, out WriteFailure? failure);
}
