using Microsoft.AspNetCore.Mvc;

namespace MigrationHost.Tests.Support;

/// <summary>A controller as an application has it.</summary>
public sealed class TouchedController : ControllerBase
{
    [Route("/controller")]
    public string Touch() => throw new InvalidOperationException($"{Request.Path} ran before the databases were ready");
}
