using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace MigrationHost.Api;

/// <summary>The server's certificates that are files, loaded as Kestrel does it: it would do so only behind the migrations.</summary>
/// <remarks><see href="https://learn.microsoft.com/aspnet/core/fundamentals/servers/kestrel/endpoints#certificate-sources"/></remarks>
internal static class ServeCertificates
{
    /// <summary>What is wrong with them, each with its setting.</summary>
    public static IEnumerable<string> Problems(IConfiguration configuration, string contentRoot) =>
        from place in Places(configuration)
        where place.Certificate["Path"] is { Length: > 0 } && !CanBeLoaded(place.Certificate, contentRoot)
        select $"{place.Setting}: the certificate cannot be used: its Path and KeyPath must be files that can be read and belong together, "
            + "and Password must be that of the file or of the key";

    private static IEnumerable<(string Setting, IConfigurationSection Certificate)> Places(IConfiguration configuration)
    {
        yield return ("Kestrel:Certificates:Default", configuration.GetSection("Kestrel:Certificates:Default"));
        foreach (var (index, endpoint) in configuration.GetSection("Kestrel:Endpoints").GetChildren().Index())
        {
            var setting = $"Kestrel:Endpoints, {Ordinal.Of(index + 1)} endpoint in alphabetical order";
            yield return (setting, endpoint.GetSection("Certificate"));
            foreach (var name in endpoint.GetSection("Sni").GetChildren())
                yield return (setting, name.GetSection("Certificate"));
        }
    }

    private static bool CanBeLoaded(IConfigurationSection section, string contentRoot)
    {
        try
        {
            var (path, password) = (Path.Combine(contentRoot, section["Path"]!), section["Password"]);
            using var certificate = section["KeyPath"] is not { Length: > 0 } key ? OfFile(path, password)
                : string.IsNullOrEmpty(password) ? X509Certificate2.CreateFromPemFile(path, Path.Combine(contentRoot, key))
                : X509Certificate2.CreateFromEncryptedPemFile(path, password, Path.Combine(contentRoot, key));
            return true;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            return false;
        }
    }

    private static X509Certificate2 OfFile(string path, string? password) =>
        X509Certificate2.GetCertContentType(path) == X509ContentType.Pkcs12
            ? X509CertificateLoader.LoadPkcs12FromFile(path, password)
            : X509CertificateLoader.LoadCertificateFromFile(path);
}
