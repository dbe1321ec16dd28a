namespace MigrationHost.Layouts;

/// <summary>A migration of a tool's folder, as its name says it.</summary>
/// <param name="Id">Its id, in the form of the tool's table.</param>
/// <param name="Description">What people call it.</param>
/// <param name="Name">Its file, relative to the folder.</param>
internal sealed record ToolFile(string Id, string Description, string Name)
{
    /// <summary>The file that undoes it, relative to the folder; null if nothing does, or a part of its own file.</summary>
    public string? Down { get; init; }

    /// <summary>Whether it is a program of the tool's language: nothing that can be run here.</summary>
    public bool IsCode { get; init; }

    /// <summary>Whether it may be applied after one that comes behind it in the order.</summary>
    public bool RunsLate { get; init; }

    /// <summary>Whether it is applied anew whenever it has changed.</summary>
    public bool Repeats { get; init; }
}
