namespace MigrationHost.Hosting;

/// <summary>All that there is of one kind. What is not registered is not known: nothing falls through to a default.</summary>
/// <typeparam name="TKind">The enumeration.</typeparam>
/// <typeparam name="TDescriptor">What is known of each of its values.</typeparam>
internal abstract class Registry<TKind, TDescriptor>
    where TKind : struct, Enum
    where TDescriptor : class, IDescriptor<TKind>
{
    private readonly Dictionary<TKind, TDescriptor> _byKind;

    /// <exception cref="ArgumentException">Two of them describe the same value.</exception>
    protected Registry(IEnumerable<TDescriptor> all)
    {
        All = [.. all];
        _byKind = All.ToDictionary(descriptor => descriptor.Kind);
    }

    /// <summary>All in the order of their registration.</summary>
    public IReadOnlyList<TDescriptor> All { get; }

    /// <summary>The values by their names, for the settings.</summary>
    public IReadOnlyDictionary<string, TKind> Choices =>
        All.ToDictionary(descriptor => descriptor.Name, descriptor => descriptor.Kind, StringComparer.OrdinalIgnoreCase);

    /// <summary>What is known of a value that the settings were checked for.</summary>
    public TDescriptor Of(TKind kind) => _byKind[kind];

    /// <summary>Why a value that was set in code cannot be; null if it can.</summary>
    public string? Problem(TKind? kind) => kind is { } value && _byKind.ContainsKey(value)
        ? null
        : $"the value is {(kind is null ? "missing" : "not known")}; choose from {string.Join(", ", Choices.Keys)}";
}
