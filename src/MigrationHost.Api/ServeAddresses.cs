using System.Globalization;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using MigrationHost.Http;

namespace MigrationHost.Api;

/// <summary>Where <c>serve</c> would listen, checked before anything else happens: a port that is taken is known before a database is
/// touched, in either mode.</summary>
internal static class ServeAddresses
{
    /// <summary>Where it listens if nobody says otherwise.</summary>
    public const string Default = "http://localhost:8080";

    private const string ManagementKey = $"{MigrationHostOptions.SectionName}:ManagementUrl";

    private const string NoCertificate =
        "is https, but there is no certificate: set Kestrel:Certificates:Default, or write http and let a proxy speak https";

    // What dotnet dev-certs marks its certificate with, and Kestrel looks for.
    private const string DevelopmentCertificate = "1.3.6.1.4.1.311.84.1.1";

    private static readonly string[] PortKeys = ["http_ports", "https_ports"];

    /// <summary>What is wrong with them, each with its setting.</summary>
    public static IReadOnlyList<string> Problems(IConfiguration configuration)
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
        problems.AddRange(addresses.Where(address => address.NeedsCertificate).Select(address => $"{address.Setting}: {NoCertificate}"));
        var endPoints = addresses
            .SelectMany(address => ListenProbe.EndPointsOf(address.Text), (address, endPoint) => (address.Setting, EndPoint: endPoint))
            .ToList();
        problems.AddRange(Overlaps(endPoints).Distinct());
        problems.AddRange(endPoints.Select(one => Problem(one.Setting, ListenProbe.WhyNot(one.EndPoint))).OfType<string>().Distinct());
        return problems;
    }

    /// <summary>Whether nothing says where to listen.</summary>
    public static bool AreDefault(IConfiguration configuration) => !Chosen(configuration).Any();

    private static IEnumerable<Address> Of(IConfiguration configuration)
    {
        var chosen = Chosen(configuration).ToList();
        foreach (var address in chosen.Count > 0 ? chosen : [new Address("urls", Default, false)])
            yield return address;
        if (configuration[ManagementKey] is { Length: > 0 } management && ListenAddress.ManagementProblem(management) is null)
            yield return new Address(ManagementKey, management, false);
    }

    // Kestrel's own endpoints win over addresses, and these over ports.
    private static IEnumerable<Address> Chosen(IConfiguration configuration)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().ToList();
        if (endpoints.Count > 0)
            return endpoints.Select((endpoint, index) => Of(
                configuration,
                $"Kestrel:Endpoints, {Ordinal.Of(index + 1)} endpoint in alphabetical order",
                endpoint["Url"] ?? "",
                endpoint.GetSection("Certificate").Exists()));
        if (Parts(configuration["urls"]) is { Length: > 0 } urls)
            return urls.Select((url, index) =>
                Of(configuration, urls.Length == 1 ? "urls" : $"urls, {Ordinal.Of(index + 1)} address", url, false));
        return PortKeys.SelectMany(
            key => Parts(configuration[key]).Where(IsPort),
            (key, port) => Of(configuration, key, $"{key.Split('_')[0]}://*:{port}", false));
    }

    private static Address Of(IConfiguration configuration, string setting, string text, bool certified) => new(
        setting,
        text,
        !certified && text.StartsWith("https:", StringComparison.OrdinalIgnoreCase)
            && !configuration.GetSection("Kestrel:Certificates:Default").Exists() && !HasDevelopmentCertificate());

    private static IEnumerable<string> Overlaps(List<(string Setting, IPEndPoint EndPoint)> endPoints) =>
        from one in endPoints
        from other in endPoints.Take(endPoints.IndexOf(one))
        where one.Setting != other.Setting && ListenProbe.Overlap(one.EndPoint, other.EndPoint)
        select $"{one.Setting}: has the address of {other.Setting}; choose another port";

    private static IEnumerable<string> PortProblems(IConfiguration configuration) =>
        from key in PortKeys
        from port in Parts(configuration[key])
        where !IsPort(port)
        select $"{key}: is not a port; write a number up to 65535";

    private static string? Problem(string setting, string? problem) => problem is null ? null : $"{setting}: {problem}";

    private static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static string[] Parts(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

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

    /// <summary>One address, and the setting that it comes from.</summary>
    private sealed record Address(string Setting, string Text, bool NeedsCertificate);
}
