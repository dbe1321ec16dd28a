using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace MigrationHost.Tests.Support;

/// <summary>Requests byte for byte, as no client would send them.</summary>
internal static class RawHttp
{
    /// <summary>The status code of the answer.</summary>
    /// <param name="address">Whom to ask.</param>
    /// <param name="line">Method and target.</param>
    /// <param name="headers">What follows after Host.</param>
    public static async Task<int> StatusCodeAsync(Uri address, string line, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        var head = string.Join("\r\n", [$"{line} HTTP/1.1", "Host: localhost", .. headers]);
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return int.Parse((await reader.ReadLineAsync())!.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
