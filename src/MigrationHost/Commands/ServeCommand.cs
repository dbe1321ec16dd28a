using System.CommandLine;
using MigrationHost.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Commands;

/// <summary>Starts the web host, migrates, opens the gate.</summary>
internal static class ServeCommand
{
    public const string Name = "serve";

    public static Command Create(ICommandHosts hosts)
    {
        var command = new Command(Name,
            """
            Starts the web host, migrates all databases and opens the gate. The default.

            Example: migrationhost serve --urls http://*:8080
            """);
        command.SetAction((_, _) => RunAsync(hosts));
        return command;
    }

    private static Task<int> RunAsync(ICommandHosts hosts)
    {
        try
        {
            return HostRun.RunAsync(hosts.ForServe());
        }
        catch (OptionsValidationException e)
        {
            return Task.FromResult(CommandHost.Refuse(e.Failures));
        }
    }
}
