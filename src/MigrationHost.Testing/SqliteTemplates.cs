using Microsoft.Data.Sqlite;

namespace MigrationHost.Testing;

/// <summary>SQLite: a template is a file that nobody opens any more, a copy is a copy of that file.</summary>
internal sealed class SqliteTemplates : ITemplates
{
    /// <summary>How often is looked whether another process has made the template.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    public string Scope => "";

    public async Task<TestCopy> CopyAsync(Template template, CancellationToken cancellationToken)
    {
        var path = TestFolder.OfThisProcess.NewPath();
        await CopyAsync(template, path, cancellationToken).ConfigureAwait(false);
        return new TestCopy(ConnectionStringOf(path), () => Drop(path));
    }

    /// <summary>The file of a template, which is made first if there is none.</summary>
    public static async Task<string> FileOfAsync(Template template, CancellationToken cancellationToken)
    {
        var file = TestFolder.TemplateOf(template.Key);
        if (!File.Exists(file))
            await MakeAsync(template, file, cancellationToken).ConfigureAwait(false);
        return file;
    }

    // Somebody may clear the temporary folder while tests run.
    private static async Task CopyAsync(Template template, string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            var file = await FileOfAsync(template, cancellationToken).ConfigureAwait(false);
            try
            {
                File.Copy(file, path, overwrite: true);
                return;
            }
            catch (FileNotFoundException)
            {
                TestFolder.OfThisProcess.MakeAgain();
            }
        }
    }

    private static async Task MakeAsync(Template template, string file, CancellationToken cancellationToken)
    {
        using var turn = await TakeTurnAsync($"{file}.lock", cancellationToken).ConfigureAwait(false);
        if (File.Exists(file))
            return;
        var made = TestFolder.OfThisProcess.NewPath();
        await template.MigrateAsync(ConnectionStringOf(made), cancellationToken).ConfigureAwait(false);
        File.Move(made, file, overwrite: true);
    }

    private static async Task<FileStream> TakeTurnAsync(string path, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TestFolder.TryLock(path) is { } turn)
                return turn;
            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }

    // A pool would keep the file of every test open.
    private static string ConnectionStringOf(string path) =>
        new SqliteConnectionStringBuilder { DataSource = path, Pooling = false }.ConnectionString;

    private static ValueTask Drop(string path)
    {
        foreach (var file in new[] { path, $"{path}-wal", $"{path}-shm", $"{path}-journal" })
            File.Delete(file);
        return ValueTask.CompletedTask;
    }
}
