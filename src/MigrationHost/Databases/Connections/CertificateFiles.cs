using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MigrationHost.Platform;

namespace MigrationHost.Databases.Connections;

/// <summary>The files of certificates that a connection string names, looked at before anything is connected to.</summary>
internal static class CertificateFiles
{
    /// <summary>Which are not there, each as a problem.</summary>
    /// <param name="files">Each with its key.</param>
    public static List<string> Missing(IEnumerable<(string Key, string? Path)> files) =>
    [
        .. from file in files
           where !string.IsNullOrEmpty(file.Path) && !File.Exists(file.Path)
           select $"the file of {file.Key} does not exist, or may not be reached",
    ];

    /// <summary>Why a client's certificate cannot be used with its key, as <paramref name="load"/> finds out; null if it can.</summary>
    /// <param name="load">Loads it as the driver does.</param>
    /// <param name="why">What to say if that fails.</param>
    public static string? Problem(Func<X509Certificate2> load, string why) => BriefLook.Take(
        () => CanBeLoaded(load) ? null : why,
        "the file of the client's certificate or of its key does not answer: is it a pipe, or on a network mount that is gone?");

    private static bool CanBeLoaded(Func<X509Certificate2> load)
    {
        try
        {
            using var loaded = load();
            return true;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }
}
