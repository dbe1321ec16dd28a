using System.Globalization;
using MigrationHost.Bench;
using MigrationHost.Bench.Peers;

return args switch
{
    ["migrate", var folder, .. var server] => await Child.MigrateAsync(folder, server.FirstOrDefault()),
    ["check", var folder, .. var server] => await Child.CheckAsync(folder, server.FirstOrDefault()),
    ["read", var folder] => Child.Read(folder),
    ["host", var folder, .. var kinds] => await Child.HostAsync(folder, migrations: true, kinds),
    ["hand-over", var folder, .. var server] => await Child.HandOverAsync(folder, server.FirstOrDefault()),
    ["first-answer", var folder] => await Child.FirstAnswerAsync(folder),
    ["named", var folder, var server] => await Child.NamedAsync(folder, server),
    ["blocked", var folder, var server] => await Child.BlockedAsync(folder, server),
    ["blocked", .. var rounds] => BlockedReport.Run(rounds is [var text] && int.TryParse(text, out var number) ? number : 10),
    ["test-databases"] => await TestDatabasesReport.RunAsync(),
    ["start", .. var rounds] => StartReport.Run(Number(rounds, 0, 20)),
    ["large", .. var size] => LargeScriptReport.Run(megabytes: Number(size, 0, 100), rounds: Number(size, 1, 3)),
    ["mariadb", .. var rounds] => MariaDbReport.Print(rounds is [var text] && int.TryParse(text, out var number) ? number : 5),
    ["peers", .. var size] => PeersReport.Run(largest: Number(size, 0, 1000), rounds: Number(size, 1, 5), only: size.ElementAtOrDefault(2)),
    ["situations", .. var what] => SituationsReport.Run(TimeSpan.FromSeconds(Number(what, 0, 130)), what.ElementAtOrDefault(1) ?? ""),
    ["plain-host", .. var kinds] => await Child.HostAsync(".", migrations: false, kinds),
    _ => Report.Run(rounds: args is [var text] && int.TryParse(text, out var rounds) ? rounds : 5),
};

static int Number(string[] arguments, int index, int otherwise) =>
    arguments.Length > index ? int.Parse(arguments[index], CultureInfo.InvariantCulture) : otherwise;
