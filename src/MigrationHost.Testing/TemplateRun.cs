using MigrationHost.Running;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Testing;

/// <summary>Runs the migrations of a template, as the application would.</summary>
internal static class TemplateRun
{
    /// <param name="options">How it is migrated.</param>
    /// <param name="connectionString">The empty database.</param>
    /// <param name="contentRoot">Where relative paths count from.</param>
    /// <param name="cancellationToken">Rolls back what is running.</param>
    /// <exception cref="MigrationException">A setting is wrong, or a migration fails.</exception>
    public static async Task RunAsync(
        DatabaseOptions options, string connectionString, string contentRoot, CancellationToken cancellationToken)
    {
        var entry = options.Copy();
        (entry.ConnectionString, entry.ConnectionStringSource, entry.Isolation) = (connectionString, null, IsolationMode.InProcess);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = contentRoot });
        builder.Services.AddMigrationHost(builder.Configuration, all => all.Databases["template"] = entry);
        using var host = builder.Build();
        var error = await RunOf(host).MigrateAsync(retryInterval: null, target: null, cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (error is not null)
            throw new MigrationException(error);
    }

    private static DatabaseRun RunOf(IHost host)
    {
        try
        {
            return host.Services.GetRequiredService<MigrationRuns>().All[0];
        }
        catch (OptionsValidationException e)
        {
            throw Failures.InvalidConfiguration(string.Join(Environment.NewLine, e.Failures));
        }
    }
}
