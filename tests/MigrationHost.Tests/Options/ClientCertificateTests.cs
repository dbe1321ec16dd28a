using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using MigrationHost.Databases.MySql;
using MigrationHost.Databases.PostgreSql;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Options;

/// <summary>A client's certificate that cannot be used is a problem with the settings, before anything is connected to.</summary>
public sealed class ClientCertificateTests : IDisposable
{
    private const string Password = "Zq7xWvTr9KpLmTyU";

    private readonly TempFolder _folder = new();

    public ClientCertificateTests()
    {
        var (certificate, key) = Make();
        var (_, other) = Make();
        _folder.Write("c.pem", certificate.ExportCertificatePem());
        _folder.Write("key.pem", key.ExportPkcs8PrivateKeyPem());
        _folder.Write("other.pem", other.ExportPkcs8PrivateKeyPem());
        _folder.Write("encrypted.pem", key.ExportEncryptedPkcs8PrivateKeyPem(Password, new PbeParameters(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, 1000)));
        _folder.Write("both.pem", certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem());
        _folder.Write("garbage.pem", "garbage");
        File.WriteAllBytes(_folder["c.pfx"], certificate.Export(X509ContentType.Pfx, Password));
        Directory.CreateDirectory(_folder["folder"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("sslcert=c.pem")]
    [InlineData("sslcert=c.pem&sslkey=other.pem")]
    [InlineData("sslcert=c.pem&sslkey=garbage.pem")]
    [InlineData("sslcert=c.pem&sslkey=encrypted.pem")]
    [InlineData($"sslcert=c.pem&sslkey=encrypted.pem&sslpassword={Password}x")]
    [InlineData("sslcert=garbage.pem&sslkey=key.pem")]
    [InlineData("sslcert=c.pfx&sslpassword=wrong")]
    [InlineData("sslcert=folder&sslkey=key.pem", "does not exist, or may not be reached")]
    [InlineData("sslcert=/no/x", "the file of SSL Certificate does not exist")]
    public void One_that_the_driver_could_not_load_is_told(string parameters, string told = "cannot be used with its key")
    {
        var problem = Assert.Single(Problems(parameters));

        Assert.Contains(told, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sslcert=c.pem&sslkey=key.pem")]
    [InlineData($"sslcert=c.pem&sslkey=encrypted.pem&sslpassword={Password}")]
    [InlineData("sslcert=both.pem")]
    [InlineData($"sslcert=c.pfx&sslpassword={Password}")]
    [InlineData("sslcert=garbage.pem&sslmode=disable")]
    public void One_that_the_driver_loads_or_does_not_need_is_taken(string parameters) => Assert.Empty(Problems(parameters));

    [Theory]
    [InlineData("SslCert=c.pem;SslKey=other.pem")]
    [InlineData("SslCert=c.pem;SslKey=garbage.pem")]
    [InlineData("SslCert=c.pem;SslKey=encrypted.pem")]
    [InlineData("SslCert=garbage.pem;SslKey=key.pem")]
    [InlineData("SslCert=no.pem;SslKey=key.pem", "the file of SslCert does not exist, or may not be reached")]
    [InlineData("SslCert=c.pem;SslKey=folder", "the file of SslKey does not exist, or may not be reached")]
    [InlineData("SslCa=no.pem", "the file of SslCa does not exist, or may not be reached")]
    [InlineData("CertificateFile=c.pfx;CertificatePassword=wrong", "(CertificateFile) cannot be loaded")]
    [InlineData("CertificateFile=c.pem", "(CertificateFile) cannot be loaded")]
    public void One_that_the_driver_of_MariaDB_could_not_load_is_told(string keys, string told = "(SslCert, ssl-cert) cannot be used with its key")
    {
        var problem = Assert.Single(MySqlProblems(keys));

        Assert.Contains(told, problem, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SslCert=c.pem;SslKey=key.pem;SslCa=c.pem")]
    [InlineData($"CertificateFile=c.pfx;CertificatePassword={Password}")]
    [InlineData("SslCert=garbage.pem;SslKey=no.pem;SslMode=Disabled")]
    public void One_that_the_driver_of_MariaDB_loads_or_does_not_need_is_taken(string keys) => Assert.Empty(MySqlProblems(keys));

    [Fact]
    public async Task A_pipe_is_not_waited_for()
    {
        await _folder.MakePipeAsync("pipe");

        Assert.Contains("does not answer", Assert.Single(Problems("sslcert=pipe")), StringComparison.Ordinal);
        Assert.Contains("does not answer", Assert.Single(MySqlProblems("SslCert=c.pem;SslKey=pipe")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("scram-sha-256", "ScramSHA256")]
    [InlineData("md5,scram-sha-256", "MD5,ScramSHA256")]
    [InlineData("!md5, !password", "!MD5,!Password")]
    [InlineData("None", "None")]
    public void What_libpq_calls_a_way_to_sign_in_is_taken(string methods, string expected)
    {
        List<string> problems = [];
        var settings = PostgreSqlSettings.Read($"postgres://u@h/d?require_auth={methods}", problems);

        Assert.Empty(problems);
        Assert.Equal(expected, settings!.Configured.RequireAuth);
    }

    [Theory]
    [InlineData("PGSSLCERT", "/no/x", "the file of the environment variable PGSSLCERT does not exist")]
    [InlineData("PGREQUIREAUTH", Password, "the environment variable PGREQUIREAUTH has the wrong form")]
    public async Task What_the_environment_says_is_checked_too(string name, string value, string told)
    {
        Directory.CreateDirectory(_folder["migrations"]);
        foreach (var (command, code) in new[] { ("migrate", 2), ("locks", 2), ("doctor", 12) })
        {
            await using var program = MigrationHostProgram.StartWith(new() { [name] = value }, _folder.Path, command, "--MigrationHost:Databases:app:ConnectionString=postgres://u@127.0.0.1:1/d");

            Assert.True(await program.ExitAsync() == code, program.All);
            Assert.Contains(told, program.All, StringComparison.Ordinal);
            Assert.DoesNotContain(Password, program.All, StringComparison.Ordinal);
        }
    }

    private static (X509Certificate2 Certificate, RSA Key) Make()
    {
        var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=app", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return (request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1)), key);
    }

    private List<string> MySqlProblems(string keys)
    {
        List<string> problems = [];
        var full = string.Join(';', keys.Split(';').Select(key => key.Split('=') is [("SslCert" or "SslKey" or "SslCa" or "CertificateFile") and var name, var file]
            ? $"{name}={Path.Combine(_folder.Path, file)}" : key));
        MySqlSettings.Read($"Server=h;User ID=u;Database=d;{full}", problems);
        return problems;
    }

    // Relative to the temporary folder.
    private List<string> Problems(string parameters)
    {
        List<string> problems = [];
        var full = string.Join('&', parameters.Split('&').Select(parameter => parameter.Split('=') is [("sslcert" or "sslkey") and var name, var file]
            ? $"{name}={Path.Combine(_folder.Path, file)}" : parameter));
        PostgreSqlSettings.Read($"postgres://u@h/d?{full}", problems);
        return problems;
    }
}
