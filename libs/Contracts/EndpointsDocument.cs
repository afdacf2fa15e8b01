namespace StellaOps.Telemetry.Contracts;

/// <summary>
/// <c>.stella/endpoints.json</c>: where the running stack listens, written by the local engine for the CLI. Paths are absolute.
/// Holds no secret: connection strings name a password file or socket where one is needed.
/// </summary>
public sealed record EndpointsDocument(
    string Engine,
    int ProcessId,
    DateTimeOffset StartedAt,
    string StateDirectory,
    IReadOnlyList<ProcessEndpoint> Processes)
{
    /// <summary>The URL of a process's endpoint, or null.</summary>
    public string? Find(string process, string endpoint) => Processes
        .FirstOrDefault(p => p.Name == process)?.Urls.GetValueOrDefault(endpoint);
}

/// <summary>One process of the stack.</summary>
/// <param name="Urls">Endpoint name (<c>http</c>, <c>otlp-grpc</c>, <c>otlp-http</c>, <c>tcp</c>) to URL.</param>
public sealed record ProcessEndpoint(string Name, int ProcessId, IReadOnlyDictionary<string, string> Urls);
