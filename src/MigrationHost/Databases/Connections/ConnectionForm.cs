using MigrationHost.Databases.PostgreSql;

namespace MigrationHost.Databases.Connections;

/// <summary>Which database a connection string is for, as far as its form says so.</summary>
internal static class ConnectionForm
{
    /// <summary>The provider that an address or libpq's form means; null where the form does not say.</summary>
    public static DatabaseProvider? ProviderOf(string? text) =>
        text is null ? null
        : ConnectionAddress.SchemeOf(text) is { } scheme ? OfScheme(scheme)
        : PostgreSqlKeywords.AreIn(text) ? DatabaseProvider.PostgreSql
        : null;

    /// <summary>Why a text cannot be a connection string of a provider at all; null where it may be one.</summary>
    public static string? Refusal(string text, DatabaseProvider provider)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            return "contains a NUL character";
        if (text.Trim() is ['"' or '\'' or '`', ..])
            return "begins with a quote: the quotes of a shell or an .env file are part of the value here; leave them out";
        var scheme = ConnectionAddress.SchemeOf(text);
        if (scheme is "mysql" or "mariadb")
            return "is an address of MySQL or MariaDB, and there is no such provider yet: PostgreSql and Sqlite";
        if (scheme is not null && OfScheme(scheme) is null)
            return "is an address with a scheme that is not known; schemes: postgres, postgresql, sqlite";
        return ProviderOf(text) is { } meant && meant != provider
            ? $"is a connection string of {meant}, but Provider is {provider}: leave Provider out, or correct it"
            : null;
    }

    private static DatabaseProvider? OfScheme(string scheme) => scheme switch
    {
        "postgres" or "postgresql" => DatabaseProvider.PostgreSql,
        "sqlite" or "sqlite3" => DatabaseProvider.Sqlite,
        _ => null,
    };
}
