using System.Net;
using System.Security.Cryptography.X509Certificates;
using MigrationHost.Http;

namespace MigrationHost.Api;

/// <summary>
/// Where <c>serve</c> would listen, checked before anything else happens: a port that is taken is known
/// before a database is touched, in either mode.
/// </summary>
internal static class ServeAddresses
{
    /// <summary>Where it listens if nobody says otherwise.</summary>
    public const string Default = "http://localhost:8080";

    private const string ManagementKey = $"{MigrationHostOptions.SectionName}:ManagementUrl";

    private const string NoCertificate =
        "is https, but there is no certificate: set Kestrel:Certificates:Default, or write http and let a proxy speak https";

    // What dotnet dev-certs marks its certificate with, and Kestrel looks for.
    private const string DevelopmentCertificate = "1.3.6.1.4.1.311.84.1.1";

    /// <summary>What is wrong with them, each with its setting.</summary>
    /// <param name="configuration">The settings.</param>
    /// <param name="contentRoot">What paths of certificates count from.</param>
    public static IReadOnlyList<string> Problems(IConfiguration configuration, string contentRoot)
    {
        var addresses = Of(configuration).ToList();
        List<string> problems =
        [
            .. PortProblems(configuration),
            .. addresses.Where(address => address.Setting != ManagementKey)
                .Select(address => Problem(address.Setting, ListenAddress.Problem(address.Text))).OfType<string>(),
        ];
        if (problems.Count > 0)
            return problems;
        problems.AddRange(addresses.Where(address => LacksCertificate(address, configuration))
            .Select(address => $"{address.Setting}: {NoCertificate}"));
        if (addresses.Any(address => IsHttps(address.Text)))
            problems.AddRange(ServeCertificates.Problems(configuration, contentRoot));
        problems.AddRange(addresses.Where(address => !IsHttps(address.Text) && IsHttp3Alone(address, configuration))
            .Select(address => $"{address.Setting}: speaks HTTP/3 alone, which needs https; write https, or other Protocols"));
        var endPoints = addresses
            .SelectMany(address => ListenProbe.EndPointsOf(address.Text), (address, endPoint) => (address.Setting, EndPoint: endPoint))
            .ToList();
        problems.AddRange(Overlaps(endPoints).Distinct());
        problems.AddRange(endPoints.Select(one => Problem(one.Setting, ListenProbe.WhyNot(one.EndPoint)))
            .Concat(addresses.Select(address => Problem(address.Setting, ListenProbe.WhyNotSocket(address.Text))))
            .OfType<string>().Distinct());
        return problems;
    }

    /// <summary>Whether nothing says where to listen.</summary>
    public static bool AreDefault(IConfiguration configuration) => ConfiguredAddress.In(configuration) is [];

    private static IEnumerable<ConfiguredAddress> Of(IConfiguration configuration)
    {
        foreach (var address in ConfiguredAddress.In(configuration) is { Count: > 0 } chosen ? chosen : [new("urls", Default)])
            yield return address;
        if (configuration[ManagementKey] is { Length: > 0 } management && ListenAddress.ManagementProblem(management) is null)
            yield return new ConfiguredAddress(ManagementKey, management);
    }

    // As Kestrel looks for one: for each name of an endpoint, then for the endpoint, then for all of them.
    private static bool LacksCertificate(ConfiguredAddress address, IConfiguration configuration)
    {
        if (!IsHttps(address.Text))
            return false;
        var names = address.Endpoint?.GetSection("Sni").GetChildren().ToList() ?? [];
        return !(names.Count > 0 && names.TrueForAll(name => IsCertificate(name.GetSection("Certificate"))))
            && !(address.Endpoint is { } endpoint && IsCertificate(endpoint.GetSection("Certificate")))
            && !IsCertificate(configuration.GetSection("Kestrel:Certificates:Default"))
            && string.IsNullOrEmpty(configuration["Kestrel:Certificates:Development:Password"])
            && !HasDevelopmentCertificate();
    }

    private static bool IsHttps(string address) => address.StartsWith("https:", StringComparison.OrdinalIgnoreCase);

    private static bool IsHttp3Alone(ConfiguredAddress address, IConfiguration configuration) =>
        address.Setting != ManagementKey
            && (address.Endpoint?["Protocols"] ?? configuration["Kestrel:EndpointDefaults:Protocols"])?.ToUpperInvariant() == "HTTP3";

    // A file, or one of a store.
    private static bool IsCertificate(IConfigurationSection section) =>
        !string.IsNullOrEmpty(section["Path"]) || !string.IsNullOrEmpty(section["Subject"]);

    private static IEnumerable<string> Overlaps(List<(string Setting, IPEndPoint EndPoint)> endPoints) =>
        from one in endPoints
        from other in endPoints.Take(endPoints.IndexOf(one))
        where one.Setting != other.Setting && ListenProbe.Overlap(one.EndPoint, other.EndPoint)
        select $"{one.Setting}: has the address of {other.Setting}; choose another port";

    private static IEnumerable<string> PortProblems(IConfiguration configuration) =>
        from key in ConfiguredAddress.PortKeys
        from port in ConfiguredAddress.Parts(configuration[key])
        where !ConfiguredAddress.IsPort(port)
        select $"{key}: is not a port; write a number up to 65535";

    private static string? Problem(string setting, string? problem) => problem is null ? null : $"{setting}: {problem}";

    private static bool HasDevelopmentCertificate()
    {
        using var store = new X509Store(StoreName.My, StoreLocation.CurrentUser);
        try
        {
            store.Open(OpenFlags.ReadOnly);
        }
        catch (System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
        return store.Certificates.Any(certificate =>
            certificate.HasPrivateKey && certificate.Extensions.Any(extension => extension.Oid?.Value == DevelopmentCertificate));
    }
}
