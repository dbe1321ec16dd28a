using System.Globalization;
using MySqlConnector;

namespace MigrationHost.Testing;

/// <summary>Statements without parameters.</summary>
internal static class MySqlCommands
{
    /// <summary>Runs statements.</summary>
    /// <returns>How many rows they changed.</returns>
    public static async Task<int> RunAsync(this MySqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new MySqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
            return await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The rows of a query, by column name without regard to case; null as null.</summary>
    public static async Task<List<Dictionary<string, string?>>> RowsAsync(
        this MySqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        var command = new MySqlCommand(sql, connection);
        await using (command.ConfigureAwait(false))
        {
            var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                var rows = new List<Dictionary<string, string?>>();
                while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                {
                    rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                        reader.GetName,
                        i => reader.IsDBNull(i) ? null : Convert.ToString(reader.GetValue(i), CultureInfo.InvariantCulture),
                        StringComparer.OrdinalIgnoreCase));
                }
                return rows;
            }
        }
    }

    /// <summary>The first column of a query.</summary>
    public static async Task<List<string>> TextsAsync(this MySqlConnection connection, string sql, CancellationToken cancellationToken) =>
        [.. (await connection.RowsAsync(sql, cancellationToken).ConfigureAwait(false)).Select(row => row.Values.First() ?? "")];

    /// <summary>The character set and collation of a database, for CREATE DATABASE; utf8mb4 if there is no such database.</summary>
    public static async Task<string> FormOfAsync(this MySqlConnection connection, string database, CancellationToken cancellationToken)
    {
        var name = MySqlHelper.EscapeString(database);
        var forms = await connection.TextsAsync(
            "SELECT CONCAT('CHARACTER SET ', default_character_set_name, ' COLLATE ', default_collation_name) "
                + $"FROM information_schema.schemata WHERE schema_name = '{name}'",
            cancellationToken).ConfigureAwait(false);
        return forms.Count > 0 ? forms[0] : "CHARACTER SET utf8mb4";
    }
}
