using MigrationHost;
using MigrationHost.Databases;
using MigrationHost.EntityFramework;
using MigrationHost.Hosting;
using Microsoft.EntityFrameworkCore;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What an application calls to have the migrations of Entity Framework Core applied before it takes traffic.</summary>
public static class EntityFrameworkExtensions
{
    private const string Context = "Context";
    private const string DbContext = "DbContext";

    /// <summary>Applies the migrations of a context when the host starts, in place of its <c>Database.Migrate()</c>.</summary>
    /// <remarks>The context is registered as usual (<c>AddDbContext</c>, <c>AddDbContextPool</c>, <c>AddDbContextFactory</c>), before or
    /// after this. Its migrations, its model and its history table stay what they are.</remarks>
    /// <typeparam name="TContext">The context.</typeparam>
    /// <param name="builder">What <c>AddMigrationHost</c> has returned.</param>
    /// <param name="name">The name of its entry in status, log and settings; left out, the context's without <c>DbContext</c> or
    /// <c>Context</c> at its end.</param>
    /// <param name="configure">Changes to its settings in code.</param>
    /// <exception cref="ArgumentException">There is a context of this name already.</exception>
    public static MigrationHostBuilder AddEntityFramework<TContext>(
        this MigrationHostBuilder builder,
        string? name = null,
        Action<EntityFrameworkOptions>? configure = null) where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        var entry = name ?? NameOf(typeof(TContext).Name);
        var services = builder.Services;
        if (services.Any(service => service.ServiceKey is null && service.ImplementationInstance is ContextEntry known
            && known.Name.Equals(entry, StringComparison.OrdinalIgnoreCase)))
            throw new ArgumentException($"a context is registered as '{entry}' already; give each a name of its own", nameof(name));

        var registered = new ContextEntry(entry, typeof(TContext));
        var settings = new ContextSettings(registered, builder.Configuration, configure);
        services.AddSingleton(registered);
        services.AddOptions<MigrationHostOptions>().Configure<IServiceScopeFactory>(
            (options, scopes) => settings.Apply(options, new ContextSource<TContext>(scopes)));
        services.AddSingleton<IRegisteredDatabase>(provider => new ContextDatabase(
            entry, new ContextSource<TContext>(provider.GetRequiredService<IServiceScopeFactory>())));
        services.AddEngine<ContextDescriptor>();
        return builder;
    }

    private static string NameOf(string context)
    {
        foreach (var ending in (string[])[DbContext, Context])
        {
            if (context.Length > ending.Length && context.EndsWith(ending, StringComparison.Ordinal))
                return context[..^ending.Length];
        }
        return context;
    }
}
