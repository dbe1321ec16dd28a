// The dashboard's addresses would come from a launchSettings.json, which this sample does without.
var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = args, DisableDashboard = true });

var shop = builder.AddProject<Projects.EfShop>("shop")
    .WithHttpEndpoint()                                 // not needed if the project has a launchSettings.json with an address
    .WithHttpHealthCheck("/health/ready");              // healthy once its databases are migrated and verified

builder.AddExecutable("visitor", "curl", ".", "--silent", "--show-error", "--fail")
    .WithArgs(ReferenceExpression.Create($"{shop.GetEndpoint("http")}/products"))
    .WaitFor(shop);                                     // begins once the shop is ready

await builder.Build().RunAsync();
