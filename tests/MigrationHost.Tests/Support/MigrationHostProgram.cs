using System.Reflection;

namespace MigrationHost.Tests.Support;

/// <summary>The real program in a real process.</summary>
internal static class MigrationHostProgram
{
    /// <remarks>What was published, if there is such a program, or what was built: the same code.</remarks>
    public static readonly string Path = System.Environment.GetEnvironmentVariable("MIGRATIONHOST_TEST_PROGRAM") ?? Metadata("Program");

    /// <summary>The sample application, which has the commands itself.</summary>
    public static readonly string OwnApp = Metadata("OwnApp");

    /// <summary>The tests' application with a context of EF Core.</summary>
    public static readonly string EfApp = Metadata("EfApp");

    /// <summary>What bench/run runs, and the other tools of .NET that it compares with.</summary>
    public static readonly string Bench = Metadata("Bench"), Peers = Metadata("Peers");

    /// <summary>A tool that starts that application to ask its services for something.</summary>
    public static readonly string DesignTime = Metadata("DesignTime");

    /// <summary>The repository's root.</summary>
    public static readonly string Repository = Metadata("Repository");

    public static RunningProgram Start(string contentRoot, params IEnumerable<string> arguments) => new(Path, arguments, contentRoot, Environment);

    /// <summary>Starts it with variables of the environment.</summary>
    public static RunningProgram StartWith(Dictionary<string, string?> environment, string contentRoot, params IEnumerable<string> arguments) =>
        new(Path, arguments, contentRoot, new Dictionary<string, string?>([.. Environment, .. environment]));

    /// <summary>Starts it with redirections of a shell, such as <c>&gt;/dev/full</c>.</summary>
    public static RunningProgram StartRedirected(string contentRoot, string redirections, params IEnumerable<string> arguments) =>
        new("sh", ["-c", $"exec \"$0\" \"$@\" {redirections}", Path, .. arguments], contentRoot, Environment);

    /// <summary>Starts one of the applications.</summary>
    public static RunningProgram StartApp(string app, string contentRoot, params IEnumerable<string> arguments) =>
        new(app, arguments, contentRoot, Environment);

    /// <summary>Runs the sample application to its end.</summary>
    public static Task<(int Code, string Output, string Errors)> RunOwnAppAsync(string contentRoot, params IEnumerable<string> arguments) =>
        RunAppAsync(OwnApp, contentRoot, arguments);

    /// <summary>Runs one of the applications to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAppAsync(string app, string contentRoot, params IEnumerable<string> arguments)
    {
        await using var program = StartApp(app, contentRoot, arguments);
        program.CloseInput();
        var code = await program.ExitAsync();
        return (code, program.Output, program.Errors);
    }

    /// <summary>Runs a command to its end.</summary>
    public static Task<(int Code, string Output, string Errors)> RunAsync(string contentRoot, params IEnumerable<string> arguments) =>
        RunAsync(ofPreviousRelease: false, contentRoot, arguments);

    /// <summary>Runs a command of this or of the previous release to its end.</summary>
    public static async Task<(int Code, string Output, string Errors)> RunAsync(
        bool ofPreviousRelease, string contentRoot, IEnumerable<string> arguments)
    {
        await using var program = new RunningProgram(
            ofPreviousRelease ? Torture.PreviousProgram : Path, arguments, contentRoot, Environment);
        program.CloseInput();
        var code = await program.ExitAsync();
        return (code, program.Output, program.Errors);
    }

    // What the test's own environment says of ASP.NET Core is not meant for the program under test.
    private static readonly Dictionary<string, string?> Environment = new()
    {
        ["ASPNETCORE_ENVIRONMENT"] = null,
        ["DOTNET_ENVIRONMENT"] = null,
        ["ASPNETCORE_URLS"] = null,
        ["ASPNETCORE_HTTP_PORTS"] = null,
    };

    private static string Metadata(string key) =>
        typeof(MigrationHostProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(metadata => metadata.Key == key).Value!;
}
