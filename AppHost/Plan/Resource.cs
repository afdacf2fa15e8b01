namespace StellaOps.Telemetry.AppHost.Plan;

/// <summary>What a resource is made of.</summary>
internal enum ResourceKind
{
    Postgres,
    Redis,
    Service,
}

/// <summary>One resource of the stack, as data: what either engine starts.</summary>
/// <param name="Project">Last part of the project's name (<c>IngestGateway</c>); null for what is no project.</param>
/// <param name="References">Resources whose address it is given: a connection string, or <c>services__name__http__0</c>.</param>
/// <param name="WaitsFor">Resources that must be healthy before it starts.</param>
/// <param name="Environment">
/// Further variables. In a value <c>{state}</c>, <c>{keys}</c> and <c>{root}</c> are folders, <c>{profile}</c> is the profile's document, <c>{gateway-id}</c> the
/// run's choice, <c>{system-key}</c> the ingest key of the stack's own telemetry, <c>{resource.endpoint}</c> a URL,
/// <c>{resource.endpoint.authority}</c> its host and port.
/// </param>
internal sealed record Resource(
    string Name,
    ResourceKind Kind,
    string? Project,
    IReadOnlyList<ResourceEndpoint> Endpoints,
    IReadOnlyList<string> References,
    IReadOnlyList<string> WaitsFor,
    IReadOnlyDictionary<string, string> Environment);

/// <summary>Where a resource listens.</summary>
/// <param name="Scheme"><c>http</c> or <c>tcp</c>.</param>
/// <param name="PortOffset">Added to the port base.</param>
internal sealed record ResourceEndpoint(string Name, string Scheme, int PortOffset);
