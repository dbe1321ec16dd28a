using System.Globalization;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

namespace MigrationHost.Http;

/// <summary>One address that the settings choose for a server to listen on.</summary>
/// <param name="Setting">The setting that it comes from.</param>
/// <param name="Text">The address, as it is written there.</param>
/// <param name="Endpoint">Kestrel's section of it, which may have a certificate; null if it is not an endpoint of Kestrel's.</param>
internal sealed record ConfiguredAddress(string Setting, string Text, IConfigurationSection? Endpoint = null)
{
    /// <summary>The settings that are lists of ports.</summary>
    public static readonly string[] PortKeys = ["http_ports", "https_ports"];

    /// <summary>All of them: Kestrel's own endpoints win over addresses, and these over ports. None if no setting says where.</summary>
    public static IReadOnlyList<ConfiguredAddress> In(IConfiguration configuration)
    {
        List<ConfiguredAddress> endpoints =
        [
            .. configuration.GetSection("Kestrel:Endpoints").GetChildren().Select((endpoint, index) => new ConfiguredAddress(
                $"Kestrel:Endpoints, {Ordinal.Of(index + 1)} endpoint in alphabetical order", endpoint["Url"] ?? "", endpoint)),
        ];
        var others = OfHosting(configuration);
        return endpoints.Count == 0 || (others.Count > 0 && PrefersHosting(configuration)) ? others : endpoints;
    }

    /// <summary>The parts of a list.</summary>
    public static string[] Parts(string? list) =>
        (list ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>Whether a part of a list of ports is one.</summary>
    public static bool IsPort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out _);

    private static List<ConfiguredAddress> OfHosting(IConfiguration configuration) => Parts(configuration["urls"]) switch
    {
        [var only] => [new("urls", only)],
        [_, ..] urls => [.. urls.Select((url, index) => new ConfiguredAddress($"urls, {Ordinal.Of(index + 1)} address", url))],
        _ =>
        [
            .. from key in PortKeys
               from port in Parts(configuration[key])
               where IsPort(port)
               select new ConfiguredAddress(key, $"{key.Split('_')[0]}://*:{port}"),
        ],
    };

    private static bool PrefersHosting(IConfiguration configuration) =>
        configuration[WebHostDefaults.PreferHostingUrlsKey]?.ToUpperInvariant() is "TRUE" or "1";
}
