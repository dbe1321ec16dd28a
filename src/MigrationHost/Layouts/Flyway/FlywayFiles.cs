namespace MigrationHost.Layouts;

/// <summary>The names of Flyway's files, as they were last read.</summary>
internal sealed class FlywayFiles
{
    private Dictionary<string, (string? Version, string Script)> _names = [];

    /// <param name="names">For each id the version as the file has it (null of a repeatable one) and the file.</param>
    public void Are(Dictionary<string, (string? Version, string Script)> names) => _names = names;

    /// <summary>The version and the file that a row of this migration has.</summary>
    public (string? Version, string Script) Of(string id) => _names.GetValueOrDefault(id, (id, id));
}
