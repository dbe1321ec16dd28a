namespace MigrationHost.Databases.MySql;

/// <summary>A statement that was begun and commits by itself.</summary>
/// <param name="Statement">Its number in the script.</param>
/// <param name="Checksum">Of its text.</param>
/// <param name="Object">What it is about; null if the catalog would not show whether it was done.</param>
/// <param name="Fingerprint">What the catalog had of that before it began.</param>
/// <param name="Server">The version of the server then: another one may print definitions otherwise. Null if an earlier release wrote
/// it.</param>
internal sealed record StatementRecord(int Statement, string Checksum, CatalogObject? Object, string? Fingerprint, string? Server);
