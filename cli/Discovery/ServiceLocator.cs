using System.Text.Json;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Cli.Discovery;

/// <summary>
/// Finds where a service listens: <c>--url</c>, then <c>services__&lt;name&gt;__http__0</c>, then <c>.stella/endpoints.json</c>, searched from
/// the working directory upward or in <c>STELLA_STATE</c>.
/// </summary>
internal sealed class ServiceLocator
{
    public const string StateVariable = "STELLA_STATE";
    private const string StateFolder = ".stella";
    private const string EndpointsFile = "endpoints.json";
    private readonly CliHost _host;
    private readonly Dictionary<string, Uri> _named = [];
    private readonly Uri? _any;
    private readonly string? _state;

    /// <param name="urls">Values of <c>--url</c>: a URL for whatever the command calls, or <c>name=URL</c> for one service.</param>
    /// <param name="state">Value of <c>--state</c>.</param>
    public ServiceLocator(CliHost host, IEnumerable<string> urls, string? state)
    {
        _host = host;
        _state = state;
        foreach (var url in urls)
        {
            var cut = url.IndexOf('=');
            var name = cut > 0 && !url[..cut].Contains(':') ? url[..cut] : null;
            var parsed = ParseUrl(name is null ? url : url[(cut + 1)..], "--url");
            if (name is null)
            {
                _any = parsed;
            }
            else
            {
                _named[name] = parsed;
            }
        }
    }

    /// <summary>The folder with the stack's state, or null.</summary>
    public string? FindStateDirectory()
    {
        if ((_state ?? _host.GetEnvironmentVariable(StateVariable)) is { Length: > 0 } given)
        {
            return Path.GetFullPath(given, _host.WorkingDirectory);
        }

        for (var folder = new DirectoryInfo(_host.WorkingDirectory); folder is not null; folder = folder.Parent)
        {
            var candidate = Path.Combine(folder.FullName, StateFolder);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>What runs, as the local engine wrote it down; null when nothing is known of it.</summary>
    public EndpointsDocument? ReadEndpoints()
    {
        if (FindStateDirectory() is not { } state || !File.Exists(Path.Combine(state, EndpointsFile)))
        {
            return null;
        }

        var path = Path.Combine(state, EndpointsFile);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ContractsJson.Default.EndpointsDocument);
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new CliException(CliExitCodes.Failed, $"cannot read '{path}': {e.Message}", "start the stack again, or name the service with --url", e);
        }
    }

    /// <summary>Where a service listens, or null.</summary>
    public Uri? Find(string service)
    {
        if (_named.TryGetValue(service, out var named))
        {
            return named;
        }

        if (_any is not null)
        {
            return _any;
        }

        var variable = $"services__{service}__http__0";
        if (_host.GetEnvironmentVariable(variable) is { Length: > 0 } url)
        {
            return ParseUrl(url, variable);
        }

        return ReadEndpoints()?.Find(service, "http") is { } listed ? ParseUrl(listed, EndpointsFile) : null;
    }

    /// <summary>Where a service listens.</summary>
    /// <exception cref="CliException">Nobody says so.</exception>
    public Uri Require(string service) => Find(service) ?? throw new CliException(
        CliExitCodes.Unreachable,
        $"no address of {service} is known",
        $"start the stack (./run.sh) and run this below its folder, set {StateVariable} to its .stella folder, or pass --url");

    private static Uri ParseUrl(string url, string source) =>
        Uri.TryCreate(url, UriKind.Absolute, out var parsed) && parsed.Scheme is "http" or "https"
            ? parsed
            : throw CliException.Usage($"{source}: '{url}' is not an http or https URL", "write it as http://host:port");
}
