using System.Reflection;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Builder.Extensions;
using Microsoft.AspNetCore.Http;

namespace MigrationHost.Http;

/// <summary>The path bases that a pipeline takes off its requests with <c>UsePathBase</c>, in its order.</summary>
/// <remarks>
/// A middleware that comes first never sees a request after <c>UsePathBase</c>, and may not run the application to find out. So the built
/// pipeline is read once: from each middleware to the next, by the <see cref="RequestDelegate"/> that it keeps. Branches (<c>Map</c>,
/// <c>MapWhen</c>) are kept in options, and are not entered.
/// </remarks>
internal static class PathBases
{
    private const BindingFlags Fields = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    public static PathString[] In(RequestDelegate pipeline)
    {
        List<PathString> found = [];
        HashSet<object> seen = new(ReferenceEqualityComparer.Instance);
        var left = new Queue<object?>([pipeline.Target]);
        while (left.TryDequeue(out var part))
        {
            if (part is null || !seen.Add(part))
                continue;
            foreach (var (type, value) in Values(part))
            {
                if (part is UsePathBaseMiddleware && value is PathString pathBase)
                    found.Add(pathBase);
                else if (value is RequestDelegate next)
                    left.Enqueue(next.Target);
                else if (IsClosure(part) && !type.IsValueType)
                    left.Enqueue(value);
            }
        }
        return [.. found];
    }

    /// <summary>Takes off what the pipeline would take off.</summary>
    public static void TakeOff(PathString[] pathBases, HttpRequest request)
    {
        foreach (var pathBase in pathBases)
        {
            if (request.Path.StartsWithSegments(pathBase, out var matched, out var rest))
                (request.PathBase, request.Path) = (request.PathBase.Add(matched), rest);
        }
    }

    private static IEnumerable<(Type Type, object? Value)> Values(object part)
    {
        for (var type = part.GetType(); type is not null && type != typeof(object); type = type.BaseType)
        {
            foreach (var field in type.GetFields(Fields))
                yield return (field.FieldType, field.GetValue(part));
        }
    }

    // A lambda keeps what it uses in an object of the compiler's, among it the next middleware, or a middleware that has it.
    private static bool IsClosure(object part) => part.GetType().IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);
}
