using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace MigrationHost;

/// <summary>Reads the settings from a configuration.</summary>
internal sealed class ConfigurationSettings(IConfiguration configuration) : IConfigureOptions<MigrationHostOptions>
{
    public IConfiguration Configuration => configuration;

    public void Configure(MigrationHostOptions options) => OptionsReader.Read(configuration, options);
}
