using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MigrationHost.Commands;

/// <summary>Gives commands their host: the program builds one for each command, an application has built its own.</summary>
internal interface ICommandHosts
{
    /// <summary>What the program is called.</summary>
    string Name { get; }

    /// <summary>Where <c>serve</c> listens if no setting says so.</summary>
    string DefaultUrl { get; }

    /// <summary>The settings alone, for a command that needs no host.</summary>
    IConfiguration Configuration { get; }

    /// <summary>A host for a command whose answer goes to stdout and whose log goes to stderr. It is never started.</summary>
    /// <param name="least">The least level that is logged, if this host decides that.</param>
    /// <param name="tools">Whether what an external tool says is logged in any case.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong.</exception>
    IHost ForCommand(LogLevel least, bool tools = false);

    /// <summary>A host to be run.</summary>
    /// <exception cref="OptionsValidationException">Settings are wrong.</exception>
    IHost ForServe();
}
