using MigrationHost.Bench;

return args switch
{
    ["migrate", var folder, .. var server] => await Child.MigrateAsync(folder, server.FirstOrDefault()),
    ["check", var folder, .. var server] => await Child.CheckAsync(folder, server.FirstOrDefault()),
    ["read", var folder] => Child.Read(folder),
    ["host", var folder] => await Child.HostAsync(folder, migrations: true),
    ["hand-over", var folder, .. var server] => await Child.HandOverAsync(folder, server.FirstOrDefault()),
    ["first-answer", var folder] => await Child.FirstAnswerAsync(folder),
    ["named", var folder, var server] => await Child.NamedAsync(folder, server),
    ["blocked", var folder, var server] => await Child.BlockedAsync(folder, server),
    ["blocked", .. var rounds] => BlockedReport.Run(rounds is [var text] && int.TryParse(text, out var number) ? number : 10),
    ["test-databases"] => await TestDatabasesReport.RunAsync(),
    ["mariadb", .. var rounds] => MariaDbReport.Print(rounds is [var text] && int.TryParse(text, out var number) ? number : 5),
    ["plain-host"] => await Child.HostAsync(".", migrations: false),
    _ => Report.Run(rounds: args is [var text] && int.TryParse(text, out var rounds) ? rounds : 5),
};
