
namespace MigrationHost.Databases;

/// <summary>A database that an external tool can work on under our watch.</summary>
internal interface IServesTools
{
    /// <summary>What the tool gets into its environment, unless it has a value already: by it the database knows its sessions.</summary>
    IReadOnlyDictionary<string, string> ToolEnvironment { get; }

    /// <summary>As <see cref="IMigrationDatabase.DiagnoseAsync"/>, with those as blockers who are in the way of the tool: of its processes,
    /// not of our sessions. If that cannot be told, there are none.</summary>
    /// <param name="processes">The tool's processes.</param>
    /// <param name="cancellationToken">Ends it.</param>
    ValueTask<ToolDiagnosis> DiagnoseToolAsync(IReadOnlyCollection<int> processes, CancellationToken cancellationToken);
}
