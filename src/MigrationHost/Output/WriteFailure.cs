namespace MigrationHost.Output;

/// <summary>Why bytes could not be written.</summary>
/// <param name="Reason">In words.</param>
/// <param name="ForGood">Whether no later write can succeed.</param>
internal sealed record WriteFailure(string Reason, bool ForGood)
{
    public static readonly WriteFailure ReaderGone = new("its reader is gone", ForGood: true);
}
