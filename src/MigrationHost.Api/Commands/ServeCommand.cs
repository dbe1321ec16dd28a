using System.CommandLine;
using Microsoft.Extensions.Options;

namespace MigrationHost.Api.Commands;

/// <summary>Starts the web host, migrates, opens the gate.</summary>
internal static class ServeCommand
{
    public static Command Create(string[] settings)
    {
        var command = new Command("serve",
            """
            Starts the web host, migrates all databases and opens the gate. The default.

            Example: migrationhost serve --urls http://*:8080
            """);
        command.SetAction((_, _) => RunAsync(settings));
        return command;
    }

    private static Task<int> RunAsync(string[] settings)
    {
        try
        {
            var app = ProgramHost.ForServe(settings).Build();
            app.MapMigrationHealth();
            app.MapMigrationStatus();
            return app.RunWithMigrationsAsync();
        }
        catch (OptionsValidationException e)
        {
            return Task.FromResult(CommandHost.Refuse(e.Failures));
        }
    }
}
