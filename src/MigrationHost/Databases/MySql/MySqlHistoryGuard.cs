using System.Globalization;
using MigrationHost.Scripts;
using MySqlConnector;

namespace MigrationHost.Databases.MySql;

/// <summary>
/// Whether a script has changed the history without naming it: through a view, a routine, a trigger or a foreign key.
/// <see cref="MySqlRefusals"/> sees the statements that name it.
/// </summary>
internal static class MySqlHistoryGuard
{
    /// <summary>ER_SUBQUERY_NO_1_ROW.</summary>
    private const int SubqueryOfSeveralRows = 1242;

    /// <summary>What a script has done that fails the check.</summary>
    public static string Changed(MySqlHistory history) =>
        $"has changed {history.TableName} through a view, a routine, a trigger or a foreign key";

    /// <summary>Why a script whose own work was rolled back fails the check.</summary>
    public static string ChangedByAnother(MySqlHistory history) => $"another session has changed {history.TableName} meanwhile";

    /// <summary>Fails unless the history is as it was. What comes behind it in one round trip is not run then.</summary>
    /// <remarks>No statement outside a routine fails on a condition, but a subquery that has two rows where one belongs does.</remarks>
    /// <param name="history">The history.</param>
    /// <param name="version">The migration that runs, whose own rows are left out.</param>
    /// <param name="before">The fingerprint as it was.</param>
    public static SqlCommand Check(MySqlHistory history, string version, decimal before) =>
        new($"SELECT IF({history.Fingerprint(version)} = $1, 0, (SELECT 1 UNION SELECT 2))", before);

    /// <summary>Whether it was that check that failed.</summary>
    public static bool IsFailedCheck(MySqlException e) => e.Number == SubqueryOfSeveralRows;

    /// <summary>The fingerprint; null if there is no such table any more.</summary>
    public static async Task<decimal?> TakeAsync(
        MySqlLink link, MySqlHistory history, string version, CancellationToken cancellationToken)
    {
        try
        {
            return Convert.ToDecimal(
                await link.ScalarAsync($"SELECT {history.Fingerprint(version)}", cancellationToken).ConfigureAwait(false),
                CultureInfo.InvariantCulture);
        }
        catch (MySqlException missing) when (MySqlErrors.IsMissingTable(missing) || MySqlErrors.IsMissingColumn(missing))
        {
            return null;
        }
    }
}
