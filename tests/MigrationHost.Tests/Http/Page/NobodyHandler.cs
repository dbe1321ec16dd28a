using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Tests.Http.Page;

/// <summary>Knows no user.</summary>
public sealed class NobodyHandler(IOptionsMonitor<NobodyOptions> options, ILoggerFactory logger, UrlEncoder encoder)
    : AuthenticationHandler<NobodyOptions>(options, logger, encoder)
{
    protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(AuthenticateResult.NoResult());
}

/// <summary>It has none.</summary>
public sealed class NobodyOptions : AuthenticationSchemeOptions;
