using MigrationHost.EfApp.Shop;

// As the tool does: the application's own entry point, in the tool's process.
return await (Task<int>)typeof(ShopContext).Assembly.GetType("MigrationHost.EfApp.Application")!
    .GetMethod("Main", System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Static)!
    .Invoke(null, [args])!;
