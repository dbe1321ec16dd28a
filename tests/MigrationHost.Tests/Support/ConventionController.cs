using Microsoft.AspNetCore.Mvc;

namespace MigrationHost.Tests.Support;

/// <summary>Two controllers without routes of their own: a convention finds them.</summary>
public sealed class ConventionController : ControllerBase
{
    public string Index() => throw new InvalidOperationException($"{Request.Path} ran before the databases were ready");
}

public sealed class ConventionOrdersController : ControllerBase
{
    public string List() => throw new InvalidOperationException($"{Request.Path} ran before the databases were ready");
}
