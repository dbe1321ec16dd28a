using MigrationHost.Bench;

return args switch
{
    ["migrate", var folder] => await Child.MigrateAsync(folder),
    ["check", var folder] => await Child.CheckAsync(folder),
    ["host", var folder] => await Child.HostAsync(folder, migrations: true),
    ["hand-over", var folder] => await Child.HandOverAsync(folder),
    ["plain-host"] => await Child.HostAsync(".", migrations: false),
    _ => Report.Run(rounds: args is [var text] && int.TryParse(text, out var rounds) ? rounds : 5),
};
