using MigrationHost.Engines.Alembic;

namespace MigrationHost;

/// <summary>Reads an Alembic project's settings and checks what can be checked before a database is touched.</summary>
internal static class AlembicReader
{
    public static AlembicOptions Read(SectionReader reader)
    {
        var options = new AlembicOptions { WorkingDirectory = reader.Text("WorkingDirectory") };
        options.Config = reader.Text("Config") ?? options.Config;
        options.Executable = reader.Text("Executable") ?? options.Executable;
        options.Target = reader.Text("Target") ?? options.Target;
        foreach (var (name, value) in reader.Variables("Environment"))
            options.Environment[name] = value;
        reader.Close();
        return options;
    }

    /// <summary>What is wrong with them, each with its key.</summary>
    public static IEnumerable<string> Problems(string key, AlembicOptions options, string contentRoot)
    {
        var place = CommandReader.PlaceProblems(key, options.Executable, options.WorkingDirectory, options.Environment, contentRoot).ToList();
        if (place.Exists(problem => problem.StartsWith($"{key}:WorkingDirectory", StringComparison.Ordinal)))
            return place;
        if (PathText.Problem(options.Config) is { } unusable)
            return place.Append($"{key}:Config: {unusable}");
        if (PathText.Show(options.Config) is var shown && shown != options.Config)
            return place.Append($"{key}:Config: is not the path of an ini file {shown}");
        try
        {
            AlembicProject.ReadPlaces(AlembicPlace.Of(options, contentRoot));
        }
        catch (MigrationException e)
        {
            place.Add($"{key}:Config: {e.Error.Message}. {e.Error.Hint}");
        }
        return place;
    }
}
