using System.Reflection;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace MigrationHost.Hosting;

/// <summary>Whether the application is under test in this process: then a failure is thrown where the test waits, instead of being shown
/// to probes until somebody restarts the service.</summary>
internal sealed class TestRun(IServiceProvider? services)
{
    private const string Factories = "Microsoft.AspNetCore.Mvc.Testing";

    private const string TestServer = "Microsoft.AspNetCore.TestHost.TestServer";

    /// <summary>Whether a <c>WebApplicationFactory</c> has started it: the application is another program than the one that runs.</summary>
    public bool IsOfFactory { get; } =
        services?.GetService<IHostEnvironment>() is { ApplicationName: var application }
        && application != Assembly.GetEntryAssembly()?.GetName().Name
        && AppDomain.CurrentDomain.GetAssemblies().Any(assembly => assembly.GetName().Name == Factories);

    /// <summary>Whether its server is in memory, or a factory has started it.</summary>
    public bool IsOne => IsOfFactory || services?.GetService<IServer>()?.GetType().FullName == TestServer;
}
