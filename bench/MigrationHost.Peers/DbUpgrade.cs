using DbUp;
using DbUp.Builder;

namespace MigrationHost.Peers;

/// <summary>DbUp with a transaction for each script, which is safer than its default of none.</summary>
internal static class DbUpgrade
{
    public static void Migrate(Work work)
    {
        var upgrader = To(work).WithScriptsFromFileSystem(Path.Combine(work.Folder, "scripts")).WithTransactionPerScript();
        var result = (work.Quiet ? upgrader.LogToNowhere() : upgrader.LogToConsole()).Build().PerformUpgrade();
        if (!result.Successful)
            throw new InvalidOperationException($"DbUp failed at {result.ErrorScript?.Name}", result.Error);
    }

    private static UpgradeEngineBuilder To(Work work) => work.IsSqlite
        ? DeployChanges.To.SqliteDatabase(work.ConnectionString)
        : DeployChanges.To.PostgresqlDatabase(work.ConnectionString);
}
