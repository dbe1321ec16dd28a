using MigrationHost.Databases;

namespace MigrationHost;

/// <summary>Settings that the chosen engine does not use: no error, but hardly meant so.</summary>
internal static class IgnoredSettings
{
    public static IEnumerable<DoctorCheck> Of(DatabaseOptions options)
    {
        if (options.Engine != EngineKind.Sql && options.Migrations != new DatabaseOptions().Migrations)
            yield return Ignored("Migrations", options.Engine, "it has the migrations that the tool has");
        if (options.Engine != EngineKind.Sql && options.Layout != MigrationLayout.Auto)
            yield return Ignored("Layout", options.Engine, "it is for Engine=Sql");
        if (options.Engine != EngineKind.Sql && options.History is not { Table: null, Schema: null })
            yield return Ignored("History", options.Engine, "it is for Engine=Sql");
        if (options.Engine != EngineKind.Sql && options.Placeholders.Count > 0)
            yield return Ignored("Placeholders", options.Engine, "it is for Engine=Sql");
        if (options.Engine != EngineKind.Sql && options.AllowEmpty)
            yield return Ignored("AllowEmpty", options.Engine, "it is for Engine=Sql");
        if (options.Engine != EngineKind.Sql && options.AllowExistingTables)
            yield return Ignored("AllowExistingTables", options.Engine, "it is for Engine=Sql");
        if (options.Engine != EngineKind.Sql && options.Isolation == IsolationMode.ChildProcess)
            yield return Ignored("Isolation", options.Engine, "an external tool always runs in a process of its own");
        if (options.Engine != EngineKind.Alembic && options.Alembic is not null)
            yield return Ignored("Alembic", options.Engine, "it is for Engine=Alembic");
        if (options.Engine != EngineKind.Command && options.Command is not null)
            yield return Ignored("Command", options.Engine, "it is for Engine=Command");
    }

    private static DoctorCheck Ignored(string setting, EngineKind engine, string why) =>
        DoctorCheck.Warning("settings", $"{setting} is ignored with Engine={engine}: {why}", $"Remove {setting}, or choose the engine that uses it.");
}
