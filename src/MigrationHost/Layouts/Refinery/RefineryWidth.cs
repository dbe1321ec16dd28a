using System.Collections.Concurrent;

namespace MigrationHost.Layouts;

/// <summary>
/// Whether the program that has refinery in it counts versions in 64 bits, its feature <c>int8-versions</c>: then each checksum is
/// another one. It shows in a version of more than 32 bits, or in a row that the program has written.
/// </summary>
internal sealed class RefineryWidth
{
    private readonly ConcurrentDictionary<string, string> _wide = new();
    private volatile bool _isWide;

    /// <summary>Whether the files, or rows that were read, say so.</summary>
    public bool IsWide => _isWide;

    /// <summary>The files are read anew.</summary>
    public void Forget()
    {
        _wide.Clear();
        _isWide = false;
    }

    /// <summary>A file has this version.</summary>
    public void See(long version) => _isWide |= version > int.MaxValue;

    /// <summary>What the checksum of a version is where they are wide.</summary>
    public void IsWideChecksum(string version, string checksum) => _wide[version] = checksum;

    /// <summary>A row has this checksum.</summary>
    public void See(string version, string checksum) => _isWide |= _wide.GetValueOrDefault(version) == checksum;

    /// <summary>The checksum as such a program has it.</summary>
    public string? Of(string version, string? checksum) => _isWide ? _wide.GetValueOrDefault(version, checksum!) : checksum;
}
