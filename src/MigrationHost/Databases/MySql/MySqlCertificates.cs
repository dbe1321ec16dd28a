using System.Security.Cryptography.X509Certificates;
using MigrationHost.Databases.Connections;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>The files of certificates, looked at as the driver loads them.</summary>
/// <remarks><see href="https://mysqlconnector.net/connection-options/#ssl-tls-options"/></remarks>
internal static class MySqlCertificates
{
    public static IEnumerable<string> Problems(MySqlConnectionStringBuilder builder)
    {
        if (builder.SslMode is MySqlSslMode.Disabled)
            return [];
        var missing = CertificateFiles.Missing(
        [
            ("SslCa", builder.SslCa), ("SslCert", builder.SslCert), ("SslKey", builder.SslKey),
            ("CertificateFile", builder.CertificateFile),
        ]);
        return missing.Count > 0 ? missing : Unusable(builder) is { } problem ? [problem] : [];
    }

    // The driver takes the pair only if both are named, and before the other file.
    private static string? Unusable(MySqlConnectionStringBuilder builder) => builder switch
    {
        { SslCert.Length: > 0, SslKey.Length: > 0 } => CertificateFiles.Problem(
            () => X509Certificate2.CreateFromPemFile(builder.SslCert, builder.SslKey),
            "the client's certificate (SslCert, ssl-cert) cannot be used with its key (SslKey, ssl-key): both must be in PEM and belong "
                + "together, and the key must not be encrypted"),
        { CertificateFile.Length: > 0 } => CertificateFiles.Problem(
            () => X509CertificateLoader.LoadPkcs12FromFile(builder.CertificateFile, builder.CertificatePassword),
            "the client's certificate (CertificateFile) cannot be loaded: it must be a .pfx file, and CertificatePassword its password"),
        _ => null,
    };
}
