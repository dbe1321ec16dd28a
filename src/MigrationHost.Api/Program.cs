using MigrationHost.Api;

using var early = new EarlyStop();
return await early.RunAsync(() => CommandLine.RunAsync(args));
