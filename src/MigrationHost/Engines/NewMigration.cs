using MigrationHost.Scripts;

namespace MigrationHost.Engines;

/// <summary>Writes the files of a migration: all of them, or none.</summary>
/// <param name="folder">The folder of the migrations.</param>
internal sealed class NewMigration(string folder)
{
    private readonly Stack<Action> _undo = [];

    /// <exception cref="MigrationException">They cannot be written, or one is there already.</exception>
    public void Write(IReadOnlyList<NewFile> files)
    {
        try
        {
            foreach (var file in files)
                Write(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            while (_undo.TryPop(out var undo))
                undo();
            throw new MigrationException(new MigrationError
            {
                Code = MigrationErrorCode.InvalidConfiguration,
                Message = $"the migration's files cannot be written: {e.Message}",
                Hint = "No file was left behind. Give this process's user the right to write there, or choose another description.",
            });
        }
    }

    private void Write(NewFile file)
    {
        var path = Path.Combine(folder, file.Name);
        var parent = Path.GetDirectoryName(path)!;
        if (!Directory.Exists(parent))
        {
            Directory.CreateDirectory(parent);
            _undo.Push(() => Directory.Delete(parent));
        }
        if (file.Replaces)
        {
            // Whoever reads it meanwhile, or after a kill, finds the old text or the new one.
            var beside = $"{path}.{Environment.ProcessId}.tmp";
            File.WriteAllText(beside, file.Content);
            File.Move(beside, path, overwrite: true);
            return;
        }
        using (var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write))
        {
            _undo.Push(() => File.Delete(path));
            stream.Write(System.Text.Encoding.UTF8.GetBytes(file.Content));
        }
    }
}
