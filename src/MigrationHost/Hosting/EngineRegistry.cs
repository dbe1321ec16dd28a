using MigrationHost.Databases;
using MigrationHost.Engines;

namespace MigrationHost.Hosting;

/// <summary>All engines.</summary>
internal sealed class EngineRegistry(IEnumerable<IEngineDescriptor> engines) : Registry<EngineKind, IEngineDescriptor>(engines)
{
    /// <summary>Settings that the chosen engine does not use: no error, but hardly meant so.</summary>
    public IEnumerable<DoctorCheck> Ignored(DatabaseOptions options)
    {
        var chosen = Of(options.Engine);
        return
            from engine in All
            from setting in engine.Settings
            where setting.IsSet(options) && chosen.Settings.All(own => own.Name != setting.Name)
            group setting.WhyIgnored ?? $"it is for Engine={engine.Name}" by setting.Name into ignored
            select DoctorCheck.Warning(
                "settings",
                $"{ignored.Key} is ignored with Engine={chosen.Name}: {ignored.First()}",
                $"Remove {ignored.Key}, or choose the engine that uses it.");
    }
}
