using MigrationHost.Platform;
using MigrationHost.Running;
using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>Reads what a source has, under the watch: files may not answer, and what is generated takes the processor's time.</summary>
internal static class SourceReading
{
    public static MigrationSet Read(this Watch watch, IMigrationSource source, TimeProvider time)
    {
        var files = new FilesInHand(time);
        return source.ReadsFiles
            ? watch.Read(source.Place, () => source.Read(files), files)
            : Generate(watch, source.Place, () => source.Read(files));
    }

    public static ScriptText Read(this Watch watch, Migration script) => script.Generated is null
        ? watch.Read(script.File, script.ReadText)
        : Generate(watch, script.File, script.ReadText);

    private static T Generate<T>(Watch watch, string what, Func<T> generate)
    {
        using var work = watch.Turn(watch.OwnWork($"{what} to be generated"));
        return generate();
    }
}
