using System.Text.Json;
using MigrationHost.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace MigrationHost.Tests.Http;

/// <summary>An application's own OpenAPI document has our endpoints in it, with the types of what they answer.</summary>
public sealed class OpenApiTests
{
    private static readonly string[] Paths =
        ["/health/live", "/health/ready", "/health/startup", "/metrics", "/migrations", "/migrations/events", "/migrations/{database}/locks"];

    [Fact]
    public async Task Endpoints_are_described_with_the_types_of_their_answers()
    {
        await using var database = new SqliteTestDatabase();
        database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        await using var app = await TestApp.StartAsync(database, build: builder => builder.Services.AddOpenApi(), map: Map);
        await app.State.WaitUntilReadyAsync();

        var document = await app.JsonAsync("/openapi/v1.json");
        var paths = document.GetProperty("paths");

        Assert.Empty(Paths.Except(paths.EnumerateObject().Select(path => path.Name)));
        var locks = paths.GetProperty("/migrations/{database}/locks").GetProperty("get");
        var parameter = Assert.Single(locks.GetProperty("parameters").EnumerateArray());
        Assert.Equal(("database", "path", true), (parameter.GetProperty("name").GetString(), parameter.GetProperty("in").GetString(), parameter.GetProperty("required").GetBoolean()));
        Assert.True(locks.GetProperty("responses").TryGetProperty("404", out _));
        var probe = paths.GetProperty("/health/ready").GetProperty("get");
        Assert.EndsWith("/HealthAnswer", Schema(probe, "503").GetProperty("$ref").GetString(), StringComparison.Ordinal);
        Assert.All(Paths, path => Assert.False(string.IsNullOrEmpty(paths.GetProperty(path).GetProperty("get").GetProperty("summary").GetString())));
        var schemas = document.GetProperty("components").GetProperty("schemas");
        Assert.Contains("Migrating", schemas.GetProperty("MigrationPhase").GetProperty("enum").EnumerateArray().Select(value => value.GetString()));
        AssertDescribed(schemas, Schema(paths.GetProperty("/migrations").GetProperty("get"), "200"), await app.JsonAsync("/migrations"));
        AssertDescribed(schemas, Schema(locks, "200"), await app.JsonAsync("/migrations/app/locks"));
        AssertDescribed(schemas, Schema(probe, "200"), await app.JsonAsync("/health/ready"));
    }

    private static void Map(WebApplication app)
    {
        app.MapMigrationHealth();
        app.MapMigrationStatus();
        app.MapMigrationMetrics();
        app.MapOpenApi();
    }

    private static JsonElement Schema(JsonElement operation, string code) =>
        operation.GetProperty("responses").GetProperty(code).GetProperty("content").GetProperty("application/json").GetProperty("schema");

    /// <summary>Every property of an answer, and of what is in it, is one of the schema.</summary>
    private static void AssertDescribed(JsonElement schemas, JsonElement schema, JsonElement value)
    {
        if (schema.TryGetProperty("$ref", out var reference))
            schema = schemas.GetProperty(reference.GetString()!.Split('/')[^1]);
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (var item in value.EnumerateArray())
                AssertDescribed(schemas, schema.GetProperty("items"), item);
        }
        else if (value.ValueKind == JsonValueKind.Object && schema.TryGetProperty("properties", out var properties))
        {
            Assert.Equal(properties.EnumerateObject().Select(property => property.Name).Order(), value.EnumerateObject().Select(property => property.Name).Order());
            foreach (var property in value.EnumerateObject())
                AssertDescribed(schemas, properties.GetProperty(property.Name), property.Value);
        }
        else if (value.ValueKind == JsonValueKind.String && schema.TryGetProperty("enum", out var names))
        {
            Assert.Contains(value.GetString(), names.EnumerateArray().Select(name => name.GetString()));
        }
    }
}
