using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>Puts the gate first in the pipeline, without a line in the application's own.</summary>
internal sealed class MigrationGateFilter(IOptions<MigrationHostOptions> options) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        if (options.Value.Startup == StartupMode.Gate)
            app.UseMiddleware<MigrationGate>();
        next(app);
    };
}
