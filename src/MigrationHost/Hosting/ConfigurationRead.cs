using Microsoft.Extensions.Configuration;

namespace MigrationHost.Hosting;

/// <summary>Says, among the services, that the settings come from this configuration already.</summary>
internal sealed record ConfigurationRead(IConfiguration Configuration);
