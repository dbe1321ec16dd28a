namespace MigrationHost.Scripts;

/// <summary>A file of a migration that is yet to be written by hand.</summary>
/// <param name="Name">Its path, relative to the folder of the migrations.</param>
/// <param name="Content">What it begins with.</param>
internal sealed record NewFile(string Name, string Content)
{
    /// <summary>Whether it is there already and takes on one more migration.</summary>
    public bool Replaces { get; init; }
}
