namespace MigrationHost.EntityFramework;

/// <summary>The name in a migration's id: <c>AddOrders</c> in <c>20260101120000_AddOrders</c>.</summary>
internal static class MigrationName
{
    public static string Of(string id) => id.IndexOf('_', StringComparison.Ordinal) is var at and > 0 ? id[(at + 1)..] : id;
}
