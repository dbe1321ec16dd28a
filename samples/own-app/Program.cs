
var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMigrationHost(builder.Configuration);   // migrates at start, closes the gate until then

var app = builder.Build();
app.MapMigrationHealth();                                   // /health/live, /health/startup, /health/ready
app.MapMigrationStatus();                                   // /migrations, /migrations/{database}/locks
app.MapGet("/", () => "Hello, migrated world.");
app.MapGet("/about", () => "No database needed.").AllowBeforeReady();

return await app.RunWithMigrationsAsync(args);              // app.Run() with exit codes; `own-app migrate` and other commands
