namespace MigrationHost;

/// <summary>All that the rest of the program asks about one value of an enumeration, so that nothing else
/// distinguishes its values.</summary>
/// <typeparam name="T">The enumeration.</typeparam>
internal interface IDescriptor<T> where T : struct, Enum
{
    /// <summary>The value, as settings and status have it.</summary>
    T Kind { get; }

    /// <summary>Its name in the settings and in messages.</summary>
    string Name => Kind.ToString();
}
