using System.Globalization;

namespace MigrationHost.Platform;

/// <summary>Users in words.</summary>
internal static class FileOwner
{
    /// <summary>A file's owner, <c>root (uid 0)</c>.</summary>
    public static string Of(string path) => FileStatus.Of(path, followLinks: false) is { } file ? Name(file.User) : "another user";

    /// <summary>A user, <c>root (uid 0)</c>; <c>uid 1000</c> if it has no name here.</summary>
    public static string Name(uint user)
    {
        try
        {
            var id = user.ToString(CultureInfo.InvariantCulture);
            var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':'));
            return users.FirstOrDefault(fields => fields.Length > 2 && fields[2] == id) is [var name, ..]
                ? $"{name} (uid {id})"
                : $"uid {id}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"uid {user}";
        }
    }
}
