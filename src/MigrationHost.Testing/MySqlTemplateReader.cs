using MigrationHost.Databases.MySql;
using MySqlConnector;

namespace MigrationHost.Testing;

/// <summary>Reads from the server what a template consists of.</summary>
/// <param name="connection">To the server.</param>
/// <param name="template">The template's name.</param>
/// <param name="cancellationToken">Ends it.</param>
internal sealed class MySqlTemplateReader(MySqlConnection connection, string template, CancellationToken cancellationToken)
{
    /// <exception cref="MySqlException">There is no such template.</exception>
    /// <exception cref="MigrationException">The server does not show a definition.</exception>
    public async Task<MySqlCopy> ReadAsync()
    {
        await connection.RunAsync($"USE {template}; {MySqlCopy.PlainSession}", cancellationToken).ConfigureAwait(false);
        var tables = await TablesAsync("'BASE TABLE', 'SYSTEM VERSIONED'").ConfigureAwait(false);
        tables.Remove(MySqlTestServer.Mark);
        return new MySqlCopy(
            [
                await DatabaseAsync().ConfigureAwait(false),
                .. await SequencesAsync().ConfigureAwait(false),
                .. await DefinitionsAsync("TABLE", tables).ConfigureAwait(false),
                .. await RowsAsync(tables).ConfigureAwait(false),
                .. await OfKindAsync("TRIGGER", "action_order, trigger_name").ConfigureAwait(false),
                .. await RoutinesAsync().ConfigureAwait(false),
            ],
            await DefinitionsAsync("VIEW", await TablesAsync("'VIEW'").ConfigureAwait(false)).ConfigureAwait(false),
            await OfKindAsync("EVENT", "event_name").ConfigureAwait(false));
    }

    private async Task<string> DatabaseAsync()
    {
        var form = await connection.FormOfAsync(template, cancellationToken).ConfigureAwait(false);
        return $"CREATE DATABASE {MySqlCopy.Here} {form}; USE {MySqlCopy.Here}; {MySqlCopy.PlainSession}";
    }

    // MariaDB has them; a table may take a default from one.
    private async Task<List<string>> SequencesAsync()
    {
        var made = new List<string>();
        foreach (var name in await TablesAsync("'SEQUENCE'").ConfigureAwait(false))
        {
            var quoted = MySqlName.Quoted(name);
            var next = await connection.TextsAsync($"SELECT next_not_cached_value FROM {quoted}", cancellationToken).ConfigureAwait(false);
            made.Add(await DefinitionAsync("SEQUENCE", name).ConfigureAwait(false));
            made.Add($"DO SETVAL({quoted}, {next[0]}, 0)");
        }
        return made;
    }

    // What the server computes itself is not copied.
    private async Task<List<string>> RowsAsync(List<string> tables)
    {
        var columns = await connection.RowsAsync(
            "SELECT table_name AS t, column_name AS c FROM information_schema.columns "
                + $"WHERE table_schema = '{template}' AND COALESCE(generation_expression, '') = '' ORDER BY table_name, ordinal_position",
            cancellationToken).ConfigureAwait(false);
        var ofTable = columns.ToLookup(row => row["t"]!, row => MySqlName.Quoted(row["c"]!), StringComparer.Ordinal);
        var copies = new List<string>();
        foreach (var table in tables)
        {
            var quoted = MySqlName.Quoted(table);
            var some = await connection.TextsAsync($"SELECT 1 FROM {quoted} LIMIT 1", cancellationToken).ConfigureAwait(false);
            var list = string.Join(", ", ofTable[table]);
            if (some.Count > 0)
                copies.Add($"INSERT INTO {quoted} ({list}) SELECT {list} FROM {template}.{quoted}");
        }
        return copies;
    }

    private async Task<List<string>> RoutinesAsync()
    {
        var routines = await connection.RowsAsync(
            $"SELECT routine_type AS kind, routine_name AS name FROM information_schema.routines WHERE routine_schema = '{template}' "
                + "ORDER BY routine_type, routine_name",
            cancellationToken).ConfigureAwait(false);
        var made = new List<string>();
        foreach (var routine in routines)
            made.Add(await DefinitionAsync(routine["kind"]!, routine["name"]!).ConfigureAwait(false));
        return made;
    }

    private async Task<List<string>> OfKindAsync(string kind, string order) => await DefinitionsAsync(
        kind,
        await connection.TextsAsync(
            $"SELECT {kind}_name FROM information_schema.{kind}s WHERE {kind}_schema = '{template}' ORDER BY {order}", cancellationToken)
            .ConfigureAwait(false)).ConfigureAwait(false);

    private Task<List<string>> TablesAsync(string kinds) => connection.TextsAsync(
        $"SELECT table_name FROM information_schema.tables WHERE table_schema = '{template}' AND table_type IN ({kinds}) "
            + "ORDER BY table_name",
        cancellationToken);

    private async Task<List<string>> DefinitionsAsync(string kind, List<string> names)
    {
        var made = new List<string>();
        foreach (var name in names)
            made.Add(await DefinitionAsync(kind, name).ConfigureAwait(false));
        return made;
    }

    // With what it was defined under, if the server says so: the column of the definition is called Create View, Create Table …
    private async Task<string> DefinitionAsync(string kind, string name)
    {
        var shown = await connection.RowsAsync($"SHOW CREATE {kind} {MySqlName.Quoted(name)}", cancellationToken).ConfigureAwait(false);
        var row = shown[0];
        var text = row.First(column => column.Key is "SQL Original Statement" || column.Key.StartsWith("Create ", StringComparison.Ordinal))
            .Value ?? throw Failures.InvalidConfiguration(
                $"the server does not show the definition of {kind.ToLowerInvariant()} {name}: its DEFINER is another account");
        var collation = row.TryGetValue("collation_connection", out var value) ? $", collation_connection = '{value}'" : "";
        var zone = row.TryGetValue("time_zone", out value) ? value : "+00:00";
        var mode = row.TryGetValue("sql_mode", out value) ? value : MySqlCopy.PlainMode;
        var here = text.Replace(template, MySqlCopy.Here, StringComparison.Ordinal);
        return $"SET sql_mode = '{mode}', time_zone = '{zone}'{collation};\n{here}";
    }
}
