using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using MigrationHost.Http;
using MigrationHost.Tests.Support;

namespace MigrationHost.Tests.Http.Page;

/// <summary>The status document at every change, for a bounded number of listeners.</summary>
public sealed class StatusEventsTests : IAsyncLifetime
{
    private static readonly Uri Events = new("/migrations/events", UriKind.Relative);

    private readonly SqliteTestDatabase _database = new();
    private Sqlite3? _holder;

    public async Task InitializeAsync()
    {
        _database.Migration("1_create", "CREATE TABLE a (id INTEGER);");
        _holder = await Sqlite3.HoldAsync(_database.Path, "BEGIN EXCLUSIVE;");
    }

    public async Task DisposeAsync()
    {
        await _holder!.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Fact]
    public async Task A_listener_gets_the_document_at_once_and_at_every_change_until_the_host_stops()
    {
        await using var app = await TestApp.StartAsync(_database, [("Timeouts:StallAfter", "00:00:00.100")], build: TestApp.OnSocket);
        using var answer = await app.Client.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(("text/event-stream", true), (answer.Content.Headers.ContentType?.MediaType, answer.Headers.CacheControl?.NoStore));
        await using var stream = await answer.Content.ReadAsStreamAsync();
        await using var items = SseParser.Create(stream).EnumerateAsync().GetAsyncEnumerator();

        await NextAsync(items, document => !document.GetProperty("ready").GetBoolean());
        var blocked = await NextAsync(items, document => document.GetProperty("blocked").GetBoolean());
        Assert.Equal(_holder!.Pid, blocked.GetProperty("databases")[0].GetProperty("blockers")[0].GetProperty("pid").GetInt32());
        await _holder.ReleaseAsync();
        await NextAsync(items, document => document.GetProperty("ready").GetBoolean());

        await app.StopAsync();
        while (await items.MoveNextAsync())
        {
            // What was told before it stopped.
        }
    }

    [Fact]
    public async Task More_than_may_listen_are_refused_and_who_leaves_makes_room()
    {
        await using var app = await TestApp.StartAsync(_database, build: TestApp.OnSocket);
        var listeners = new List<HttpResponseMessage>();
        for (var i = 0; i < StatusEvents.MostListeners; i++)
            listeners.Add(await app.Client.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead));
        Assert.All(listeners, listener => Assert.Equal(HttpStatusCode.OK, listener.StatusCode));

        using (var refused = await app.Client.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead))
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        listeners[0].Dispose();
        await Eventually.BecomesTrueAsync(async () =>
        {
            using var again = await app.Client.GetAsync(Events, HttpCompletionOption.ResponseHeadersRead);
            return again.StatusCode == HttpStatusCode.OK;
        });
        foreach (var listener in listeners)
            listener.Dispose();
    }

    private static async Task<JsonElement> NextAsync(IAsyncEnumerator<SseItem<string>> items, Func<JsonElement, bool> wanted)
    {
        while (await items.MoveNextAsync())
        {
            var document = JsonDocument.Parse(items.Current.Data).RootElement;
            if (wanted(document))
                return document;
        }
        throw new InvalidOperationException("the events ended");
    }
}
