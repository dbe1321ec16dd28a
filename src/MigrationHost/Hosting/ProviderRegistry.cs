using MigrationHost.Databases;
using MigrationHost.Databases.Connections;

namespace MigrationHost.Hosting;

/// <summary>All kinds of databases, and which of them a connection string is for, as far as its form says so.</summary>
internal sealed class ProviderRegistry(IEnumerable<IProviderDescriptor> providers)
    : Registry<DatabaseProvider, IProviderDescriptor>(providers)
{
    /// <summary>The kind that an address, or a form that only one kind has, means; null if the form does not say.</summary>
    public DatabaseProvider? MeantBy(string? connectionString) =>
        connectionString is null ? null
        : ConnectionAddress.SchemeOf(connectionString) is { } scheme ? OfScheme(scheme)?.Kind
        : All.FirstOrDefault(provider => provider.HasForm(connectionString))?.Kind;

    /// <summary>Why a text cannot be a connection string of a kind at all; null if it may be one.</summary>
    public string? Refusal(string text, DatabaseProvider kind)
    {
        if (text.Contains('\0', StringComparison.Ordinal))
            return "contains a NUL character";
        if (text.Trim() is ['"' or '\'' or '`', ..])
            return "begins with a quote: the quotes of a shell or an .env file are part of the value here; leave them out";
        if (ConnectionAddress.SchemeOf(text) is { } scheme && OfScheme(scheme) is null)
            return "is an address with a scheme that is not known; "
                + $"schemes: {string.Join(", ", All.SelectMany(known => known.Schemes).Order())}";
        return MeantBy(text) is { } meant && !meant.Equals(kind)
            ? $"is a connection string of {Of(meant).Name}, but Provider is {Of(kind).Name}: leave Provider out, or correct it"
            : null;
    }

    private IProviderDescriptor? OfScheme(string scheme) => All.FirstOrDefault(provider => provider.Schemes.Contains(scheme));
}
