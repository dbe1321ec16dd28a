using MigrationHost.Api;

return await CommandLine.RunAsync(args);
