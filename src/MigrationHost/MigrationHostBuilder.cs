using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost;

/// <summary>What <c>AddMigrationHost</c> returns, for databases that are registered in code.</summary>
public sealed class MigrationHostBuilder
{
    internal MigrationHostBuilder(IServiceCollection services, IConfiguration configuration) =>
        (Services, Configuration) = (services, configuration);

    /// <summary>The application's services.</summary>
    public IServiceCollection Services { get; }

    /// <summary>What the settings are read from.</summary>
    internal IConfiguration Configuration { get; }
}
