using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace MigrationHost.Tests.Support;

/// <summary>Takes what OpenTelemetry sends, over gRPC or HTTP.</summary>
/// <remarks><see href="https://github.com/open-telemetry/opentelemetry-proto"/></remarks>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private const int GrpcHead = 5;

    private readonly ConcurrentQueue<ProtobufMessage> _traces = [];
    private readonly ConcurrentQueue<ProtobufMessage> _metrics = [];
    private readonly ConcurrentQueue<string> _bodies = [];
    private readonly WebApplication _server;

    private OtlpReceiver(WebApplication server) => _server = server;

    public string Address => _server.Urls.First();

    public IReadOnlyList<OtlpSpan> Spans =>
    [
        .. from message in _traces
           from resource in message.Messages(1)
           from scope in resource.Messages(2)
           from span in scope.Messages(2)
           select new OtlpSpan(
               scope.Messages(1).Single().Texts(1).Single(),
               span.Texts(5).Single(),
               Convert.ToHexString(span.Bytes(1).Single()),
               Convert.ToHexString(span.Bytes(2).Single()),
               span.Bytes(4).Select(Convert.ToHexString).SingleOrDefault(""),
               [.. span.Messages(9).Select(tag => tag.Texts(1).Single())]),
    ];

    public IReadOnlyList<string> Metrics =>
    [
        .. from message in _metrics
           from resource in message.Messages(1)
           from scope in resource.Messages(2)
           from metric in scope.Messages(2)
           select metric.Texts(1).Single(),
    ];

    /// <summary>What every message says of who has sent it.</summary>
    public IReadOnlyDictionary<string, string> Resource =>
        _traces.Concat(_metrics).First().Messages(1).First().Messages(1).Single().Messages(1).ToDictionary(
            tag => tag.Texts(1).Single(), tag => tag.Messages(2).Single().Texts(1).SingleOrDefault(""));

    /// <summary>Whether a text is anywhere in what has come.</summary>
    public bool Says(string text) => _bodies.Any(body => body.Contains(text, StringComparison.Ordinal));

    public static async Task<OtlpReceiver> StartAsync(HttpProtocols protocols)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0").ConfigureKestrel(kestrel => kestrel.ConfigureEndpointDefaults(end => end.Protocols = protocols));
        var receiver = new OtlpReceiver(builder.Build());
        receiver._server.Run(receiver.TakeAsync);
        await receiver._server.StartAsync();
        return receiver;
    }

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        _bodies.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
        var isGrpc = context.Request.ContentType == "application/grpc";
        var message = new ProtobufMessage(isGrpc ? body.ToArray()[GrpcHead..] : body.ToArray());
        var path = context.Request.Path.Value!;
        (path.Contains("trace", StringComparison.OrdinalIgnoreCase) ? _traces : _metrics).Enqueue(message);
        context.Response.ContentType = context.Request.ContentType;
        if (!isGrpc)
            return;
        await context.Response.Body.WriteAsync(new byte[GrpcHead]);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
