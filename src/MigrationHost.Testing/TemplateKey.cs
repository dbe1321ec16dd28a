using System.Security.Cryptography;
using System.Text;
using MigrationHost.Layouts;

namespace MigrationHost.Testing;

/// <summary>What a template is made of: it is made anew when a file, a setting or the library is another.</summary>
internal static class TemplateKey
{
    /// <param name="options">How the database is migrated.</param>
    /// <param name="files">The migrations.</param>
    /// <param name="scope">What of the place a template depends on.</param>
    /// <returns>32 hexadecimal digits.</returns>
    /// <exception cref="MigrationException">A file cannot be read.</exception>
    public static string Of(DatabaseOptions options, MigrationFiles files, string scope)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, $"{typeof(MigrationHostOptions).Module.ModuleVersionId}");
        Add(hash, $"{options.Provider} {options.Layout} {options.AllowEmpty}");
        Add(hash, $"{options.History.Schema}.{options.History.Table}");
        Add(hash, scope);
        foreach (var (name, value) in options.Placeholders.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            Add(hash, name, value);
        try
        {
            foreach (var name in files.AllFiles)
            {
                Add(hash, name);
                Add(hash, files.Read(name));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Failures.InvalidConfiguration($"Migrations: {files.Configured} cannot be read: {e.Message}");
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
    }

    private static void Add(IncrementalHash hash, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
            Add(hash, Encoding.UTF8.GetBytes(text));
    }

    // With its length: "ab" and "c" are not "a" and "bc".
    private static void Add(IncrementalHash hash, byte[] content)
    {
        hash.AppendData(BitConverter.GetBytes(content.LongLength));
        hash.AppendData(content);
    }
}
