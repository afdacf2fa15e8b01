using System.CommandLine;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Cli.Discovery;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Cli.Tokens;

namespace StellaOps.Telemetry.Cli;

/// <summary>One run of a command: its arguments and what they lead to.</summary>
internal sealed class CommandContext
{
    public CommandContext(CliHost host, ParseResult arguments)
    {
        Host = host;
        Arguments = arguments;
        Output = new OutputWriter(host, arguments.GetValue(CliOptions.Output));
        Services = new ServiceLocator(host, arguments.GetValue(CliOptions.Url) ?? [], arguments.GetValue(CliOptions.State));
        Tokens = new TokenSource(host, Services, arguments.GetValue(CliOptions.TokenFile));
    }

    public CliHost Host { get; }

    public ParseResult Arguments { get; }

    public OutputWriter Output { get; }

    public ServiceLocator Services { get; }

    public TokenSource Tokens { get; }

    /// <summary>A client of a service, with a token for what the command does there.</summary>
    public HttpClient Connect(string service, string scope, string tenant = "*")
    {
        // The base address needs its closing slash, else the last segment of a front door's path would be cut off.
        var address = Services.Require(service).AbsoluteUri;
        return new HttpClient(Host.CreateHandler())
        {
            BaseAddress = new Uri(address.EndsWith('/') ? address : address + "/"),
            Timeout = TimeSpan.FromSeconds(100),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", Tokens.Require(scope, tenant)) },
        };
    }
}
