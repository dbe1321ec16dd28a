using System.Globalization;
using System.Text;
using MySqlConnector;

namespace MigrationHost.Testing;

/// <summary>What makes a copy of a template: its definitions in the server's own words, and its rows, as the server's own dump has them.
/// <see href="https://mariadb.com/kb/en/show-create-table/"/></summary>
/// <param name="objects">What makes the database, tables, rows, triggers and routines, in this order.</param>
/// <param name="views">What makes views, in any order.</param>
/// <param name="events">What makes events.</param>
internal sealed class MySqlCopy(List<string> objects, List<string> views, List<string> events)
{
    /// <summary>The copy's name, in every statement.</summary>
    public const string Here = "migrationhost_copy_of_template";

    /// <summary>Keys are not looked at, whatever order tables come in, nor checks, which rows may break, and a 0 is not a next number.
    /// </summary>
    public const string PlainSession = $"SET foreign_key_checks = 0, unique_checks = 0, sql_mode = '{PlainMode}', time_zone = '+00:00'"
        + "/*M!100201 , check_constraint_checks = 0 */";

    public const string PlainMode = "NO_AUTO_VALUE_ON_ZERO";

    /// <summary>How much is sent at once: well below any max_allowed_packet.</summary>
    private const int BatchLength = 512 * 1024;

    /// <summary>Makes the copy.</summary>
    /// <param name="connection">To the server.</param>
    /// <param name="name">The new database.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="MySqlException">A right is missing, or the template is gone.</exception>
    public async Task MakeAsync(MySqlConnection connection, string name, CancellationToken cancellationToken)
    {
        await RunAllAsync(connection, name, objects, cancellationToken).ConfigureAwait(false);
        await MakeViewsAsync(connection, name, cancellationToken).ConfigureAwait(false);
        await RunAllAsync(connection, name, events, cancellationToken).ConfigureAwait(false);
    }

    // A view may need another one: round by round, for as long as there are some more. Those whose tables or functions are gone stay out.
    private async Task MakeViewsAsync(MySqlConnection connection, string name, CancellationToken cancellationToken)
    {
        var (left, before) = (views, views.Count + 1);
        while (left.Count > 0 && left.Count < before)
        {
            before = left.Count;
            var failed = new List<string>();
            foreach (var view in left)
            {
                if (!await TryMakeAsync(connection, In(name, view), cancellationToken).ConfigureAwait(false))
                    failed.Add(view);
            }
            left = failed;
        }
    }

    private static async Task<bool> TryMakeAsync(MySqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        try
        {
            await connection.RunAsync(sql, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (MySqlException e) when (e.ErrorCode
            is MySqlErrorCode.NoSuchTable or MySqlErrorCode.BadFieldError or MySqlErrorCode.ViewInvalid
            or MySqlErrorCode.StoredProcedureDoesNotExist)
        {
            return false;
        }
    }

    private static async Task RunAllAsync(
        MySqlConnection connection, string name, List<string> statements, CancellationToken cancellationToken)
    {
        var batch = new StringBuilder();
        foreach (var statement in statements)
        {
            // On a line of its own: a definition may end with a comment.
            batch.Append(CultureInfo.InvariantCulture, $"{In(name, statement)}\n;\n");
            if (batch.Length > BatchLength)
                await SendAsync().ConfigureAwait(false);
        }
        if (batch.Length > 0)
            await SendAsync().ConfigureAwait(false);

        async Task SendAsync()
        {
            await connection.RunAsync(batch.ToString(), cancellationToken).ConfigureAwait(false);
            batch.Clear();
        }
    }

    private static string In(string name, string statement) => statement.Replace(Here, name, StringComparison.Ordinal);
}
