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
    /// <param name="headers">What follows, Host among it.</param>
    public static async Task<int> StatusCodeAsync(Uri address, string line, params string[] headers)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        string[] all = headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)) ? headers : ["Host: localhost", .. headers];
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{line} HTTP/1.1\r\n{string.Join("\r\n", all)}\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        return int.Parse((await reader.ReadLineAsync())!.Split(' ')[1], CultureInfo.InvariantCulture);
    }
}
