using MigrationHost.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MigrationHost.Commands;

/// <summary>Gives commands their host: the program builds what it needs, an application has built its own.</summary>
internal interface ICommandHosts
{
    /// <summary>What the program is called.</summary>
    string Name { get; }

    /// <summary>Where <c>serve</c> listens if no setting says so.</summary>
    string DefaultUrl { get; }

    /// <summary>Where health and status have an address of their own; null if they have none.</summary>
    string? ManagementUrl { get; }

    /// <summary>The settings alone, for a command that needs no host.</summary>
    IConfiguration Configuration { get; }

    /// <summary>The runs of a command whose answer goes to stdout and whose log goes to stderr. No host is started for it.</summary>
    /// <param name="log">What its log is to be like, as far as this host decides that.</param>
    /// <exception cref="OptionsValidationException">Settings are wrong.</exception>
    OwnedRuns ForCommand(CommandLog log);

    /// <summary>A host to be run.</summary>
    /// <exception cref="OptionsValidationException">Settings are wrong.</exception>
    IHost ForServe();
}
