using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;

namespace MigrationHost.Http;

/// <summary>
/// What an application's OpenAPI document says of an endpoint: the metadata that such documents are made from. It needs no package.
/// </summary>
internal static class EndpointDescription
{
    private const string Tag = "MigrationHost";

    /// <param name="endpoint">The endpoint.</param>
    /// <param name="handler">What answers: it gives the parameters of the path. Without a method no document has the endpoint.</param>
    /// <param name="summary">What it answers, in a sentence.</param>
    /// <param name="answers">The answers that there are.</param>
    public static IEndpointConventionBuilder Describe(
        this IEndpointConventionBuilder endpoint,
        Delegate handler,
        string summary,
        params IEnumerable<IProducesResponseTypeMetadata> answers)
    {
        var parameters = handler.Method.GetParameters().Where(parameter => parameter.ParameterType == typeof(string));
        return endpoint.WithTags(Tag).WithSummary(summary)
            .WithMetadata([handler.Method, .. parameters.Select(parameter => new PathParameter(parameter)), .. answers]);
    }

    /// <summary>JSON of a type.</summary>
    public static IProducesResponseTypeMetadata Json<T>(int statusCode = StatusCodes.Status200OK) =>
        new ProducesResponseTypeMetadata(statusCode, typeof(T), ["application/json"]);

    /// <summary>A text of another type of content.</summary>
    public static IProducesResponseTypeMetadata Text(string contentType) =>
        new ProducesResponseTypeMetadata(StatusCodes.Status200OK, typeof(string), [contentType]);

    /// <summary>An answer without a body.</summary>
    public static IProducesResponseTypeMetadata Empty(int statusCode) => new ProducesResponseTypeMetadata(statusCode, typeof(void));

    private sealed class PathParameter(ParameterInfo parameter) : IParameterBindingMetadata
    {
        public string Name => parameter.Name!;

        public bool HasTryParse => false;

        public bool HasBindAsync => false;

        public ParameterInfo ParameterInfo => parameter;

        public bool IsOptional => false;
    }
}
