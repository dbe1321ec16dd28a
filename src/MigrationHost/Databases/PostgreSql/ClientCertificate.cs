using System.Security.Cryptography.X509Certificates;
using MigrationHost.Databases.Connections;
using Npgsql;

namespace MigrationHost.Databases.PostgreSql;

/// <summary>The client's certificate and its key, found and loaded as the driver does it.</summary>
/// <remarks>The environment and the files of the home folder: <see href="https://www.npgsql.org/doc/security.html"/>.</remarks>
internal static class ClientCertificate
{
    /// <summary>Why they cannot be used; null if they can, or if there are none.</summary>
    public static string? Problem(NpgsqlConnectionStringBuilder builder) =>
        builder.SslMode == SslMode.Disable || File(builder.SslCertificate, "PGSSLCERT", "postgresql.crt") is not { } certificate ? null
        : CertificateFiles.Problem(
            () => Load(certificate, File(builder.SslKey, "PGSSLKEY", "postgresql.key"), builder.SslPassword),
            "the client's certificate (SSL Certificate, sslcert or PGSSLCERT) cannot be used with its key: it and its key (SSL Key, "
                + "sslkey or PGSSLKEY) must be in PEM, or a file that ends in .pfx, and belong together; "
                + "a key that is encrypted needs SSL Password (sslpassword)");

    private static X509Certificate2 Load(string certificate, string? key, string? password) =>
        certificate.EndsWith(".pfx", StringComparison.OrdinalIgnoreCase)
            ? X509CertificateLoader.LoadPkcs12FromFile(certificate, password)
            : string.IsNullOrEmpty(password) ? X509Certificate2.CreateFromPemFile(certificate, key)
            : X509Certificate2.CreateFromEncryptedPemFile(certificate, password, key);

    private static string? File(string? configured, string variable, string inHome)
    {
        if (!string.IsNullOrEmpty(configured))
            return configured;
        if (Environment.GetEnvironmentVariable(variable) is { Length: > 0 } named)
            return named;
        var usual = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".postgresql", inHome);
        return System.IO.File.Exists(usual) ? usual : null;
    }
}
