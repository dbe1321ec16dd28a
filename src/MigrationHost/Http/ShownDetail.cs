using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Http;

/// <summary>How much one server shows of the status. The server for traffic and the one at <c>ManagementUrl</c> have one each.</summary>
/// <remarks>So the socket that took the connection decides, and nothing that a client or a proxy writes into a request.</remarks>
internal sealed class ShownDetail
{
    private readonly StatusDetail _detail;

    private ShownDetail(StatusDetail setting, bool trusted) =>
        _detail = setting != StatusDetail.Auto ? setting : trusted ? StatusDetail.Full : StatusDetail.Brief;

    public bool IsOff => _detail == StatusDetail.Off;

    public bool IsFull => _detail == StatusDetail.Full;

    public static ShownDetail ToTraffic(IServiceProvider services) => new(
        services.GetRequiredService<IOptions<MigrationHostOptions>>().Value.Status,
        (services.GetService<IWebHostEnvironment>() ?? services.GetRequiredService<IHostEnvironment>()).IsDevelopment());

    public static ShownDetail ToManagement(IOptions<MigrationHostOptions> options) => new(options.Value.Status, trusted: true);

    public MigrationStatus Document(MigrationStatus status) => IsFull ? status : BriefStatus.Of(status);

    public string Sentence(DatabaseStatus status, bool named) => StatusSentence.Of(status, IsFull && named);
}
