using System.Text.Json.Nodes;
using MigrationHost.EfApp.Shop;
using MigrationHost.Tests.Support;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.EntityFramework;

/// <summary>A database file for the shop's context.</summary>
internal sealed class ShopDatabase : IAsyncDisposable
{
    /// <summary>The ids of the shop's migrations.</summary>
    public static readonly string[] Ids =
    [
        "20260101120000_Initial", "20260102120000_AddNotes", "20260103120000_RequireName", "20260104120000_DropEmail", "20260105120000_AddProducts",
    ];

    public TempFolder Folder { get; } = new();

    public string Path => Folder["shop.db"];

    public string ConnectionString => $"Data Source={Path};Pooling=False";

    /// <summary>An application with the shop's context.</summary>
    public TestHost Host(params (string Key, string Value)[] settings) => Host(null, settings);

    /// <param name="options">How the entry is configured in code.</param>
    /// <param name="settings">Below <c>MigrationHost</c>.</param>
    /// <param name="context">What is done to the context's options besides.</param>
    public TestHost Host(
        Action<EntityFrameworkOptions>? options,
        (string Key, string Value)[]? settings = null,
        Action<DbContextOptionsBuilder>? context = null) => HostOf(builder =>
        {
            builder.Services.AddDbContext<ShopContext>(o =>
            {
                o.UseSqlite(ConnectionString);
                context?.Invoke(o);
            });
            builder.AddEntityFramework<ShopContext>(configure: options);
        },
        settings);

    /// <summary>An application with contexts of a test's own.</summary>
    public TestHost HostOf(Action<MigrationHostBuilder> add, params (string Key, string Value)[]? settings) => new(
        Folder.Path,
        (settings ?? []).Select(setting => KeyValuePair.Create($"MigrationHost:{setting.Key}", (string?)setting.Value)),
        add);

    /// <summary>Runs the application in a process of its own to its end.</summary>
    /// <param name="settings">Its settings.</param>
    /// <param name="arguments">Its arguments.</param>
    public async Task<(int Code, string Output, string Errors)> RunAppAsync((string Key, string Value)[] settings, params string[] arguments)
    {
        await using var program = StartApp(settings, arguments);
        program.CloseInput();
        return (await program.ExitAsync(), program.Output, program.Errors);
    }

    /// <summary>Starts the application in a process of its own.</summary>
    public RunningProgram StartApp((string Key, string Value)[] settings, params string[] arguments) =>
        Start(MigrationHostProgram.EfApp, settings, arguments);

    /// <summary>Starts the application, or a tool that starts it.</summary>
    public RunningProgram Start(string program, (string Key, string Value)[] settings, params string[] arguments)
    {
        Configure(settings);
        return MigrationHostProgram.StartApp(program, Folder.Path, arguments);
    }

    /// <summary>Writes the application's settings.</summary>
    public void Configure((string Key, string Value)[] settings)
    {
        var json = new JsonObject { ["ConnectionStrings"] = new JsonObject { ["Shop"] = ConnectionString } };
        foreach (var (key, value) in settings)
            json[key] = value;
        Folder.Write("appsettings.json", json.ToJsonString());
    }

    /// <summary>A context of stock EF Core.</summary>
    public ShopContext Stock() => new(new DbContextOptionsBuilder<ShopContext>().UseSqlite(ConnectionString).Options);

    public Task<string> QueryAsync(string sql) => Sqlite3.QueryAsync(Path, sql);

    public ValueTask DisposeAsync()
    {
        Folder.Dispose();
        return ValueTask.CompletedTask;
    }
}
