using System.Diagnostics;

namespace MigrationHost.EntityFramework;

/// <summary>Why a migration failed in code, with the place where its class threw.</summary>
internal static class MigrationFailure
{
    /// <param name="id">The migration.</param>
    /// <param name="type">Its class.</param>
    /// <param name="e">What was thrown.</param>
    /// <param name="otherwise">What to say if the class has not thrown.</param>
    public static MigrationError Of(string id, Type type, Exception e, string otherwise)
    {
        var at = new StackTrace(e, fNeedFileInfo: true).GetFrames()
            .FirstOrDefault(frame => frame.GetMethod()?.DeclaringType is { } thrown && (thrown == type || thrown.DeclaringType == type));
        var (file, line) = (at?.GetFileName(), at?.GetFileLineNumber());
        var place = file is null ? "" : $" at {file}:{line}";
        return new MigrationError
        {
            Code = MigrationErrorCode.MigrationFailed,
            Message = at is null ? otherwise : $"{id}: {type.Name}.{at.GetMethod()!.Name} threw {e.GetType().Name}{place}: {e.Message}",
            Version = id,
            File = file ?? id,
            Line = file is null ? null : line,
        };
    }
}
