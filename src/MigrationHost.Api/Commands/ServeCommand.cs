using System.CommandLine;
using Microsoft.AspNetCore.Hosting.Server;
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
            if (ListensItself(app) && ServeAddresses.Problems(app.Configuration) is { Count: > 0 } problems)
                return Task.FromResult(CommandHost.Refuse([.. problems, .. SettingProblems(app)]));
            app.MapMigrationHealth();
            app.MapMigrationStatus();
            return app.RunWithMigrationsAsync();
        }
        catch (OptionsValidationException e)
        {
            return Task.FromResult(CommandHost.Refuse(e.Failures));
        }
    }

    // The test server of ASP.NET Core takes no port.
    private static bool ListensItself(WebApplication app) =>
        app.Services.GetRequiredService<IServer>().GetType().Namespace?.Contains("Kestrel", StringComparison.Ordinal) is true;

    private static IEnumerable<string> SettingProblems(WebApplication app)
    {
        try
        {
            _ = app.Services.GetRequiredService<IOptions<MigrationHostOptions>>().Value;
            return [];
        }
        catch (OptionsValidationException e)
        {
            return e.Failures;
        }
    }
}
