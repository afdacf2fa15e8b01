using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;

namespace StellaOps.Telemetry.AppHost.Plan;

/// <summary>The stack, described once. The local engine starts it; the Aspire engine's manifest is compared with it.</summary>
internal static class Topology
{
    public const string Http = "http";
    public const string Tcp = "tcp";
    public const string OtlpGrpc = "otlp-grpc";
    public const string OtlpHttp = "otlp-http";

    /// <summary>The port that offset 0 means by default: OTLP/gRPC's own.</summary>
    public const int DefaultPortBase = 4317;

    /// <summary>In the order of starting.</summary>
    public static IReadOnlyList<Resource> Resources { get; } =
    [
        new(KnownServices.Postgres, ResourceKind.Postgres, null, [new(Tcp, Tcp, 7)], [], [], Nothing()),
        new(KnownServices.Redis, ResourceKind.Redis, "Redis", [new(Tcp, Tcp, 8)], [], [], Nothing()),
        Service(KnownServices.ProfileService, "ProfileService", [new(Http, Http, 3)], [KnownServices.Postgres], [KnownServices.Postgres], new()
        {
            [KnownEnvironment.SystemIngestKeyFile] = "{keys}/system-ingest.key",
        }),
        Service(
            KnownServices.IncidentService,
            "IncidentService",
            [new(Http, Http, 4)],
            [KnownServices.Postgres, KnownServices.Redis, KnownServices.CaptureWorker],
            [KnownServices.Postgres, KnownServices.Redis],
            new()
            {
                [KnownEnvironment.ProfilePath] = "{profile}",
                [KnownEnvironment.ServiceTokenFile] = "{keys}/incident-service.token",
            }),
        Service(
            KnownServices.IngestGateway,
            "IngestGateway",
            [new(OtlpGrpc, Http, 0), new(OtlpHttp, Http, 1), new(Http, Http, 6)],
            [KnownServices.Redis, KnownServices.ProfileService],
            [KnownServices.Redis, KnownServices.ProfileService],
            new()
            {
                [KnownEnvironment.GatewayId] = "{gateway-id}",
                [KnownEnvironment.GatewayDataPath] = "{state}/gateway",
                [KnownEnvironment.GatewayGrpcUrl] = "{ingest-gateway.otlp-grpc}",
                [KnownEnvironment.GatewayHttpUrl] = "{ingest-gateway.otlp-http}",
                [KnownEnvironment.ProfilePath] = "{profile}",
                [KnownEnvironment.RedactionHmacKeyFile] = "{keys}/redaction-hmac.key",
                [KnownEnvironment.ArchivePath] = "{state}/archive",
                [KnownEnvironment.ServiceTokenFile] = "{keys}/ingest-gateway.token",
                [KnownEnvironment.FleetOpAmpUrl] = "ws://{profile-service.http.authority}" + KnownFleet.OpAmpPath,
            }),
        Service(
            KnownServices.CaptureWorker,
            "CaptureWorker",
            [new(Http, Http, 5)],
            [KnownServices.Postgres, KnownServices.Redis, KnownServices.ProfileService, KnownServices.IncidentService, KnownServices.IngestGateway],
            [KnownServices.Postgres, KnownServices.Redis, KnownServices.ProfileService, KnownServices.IncidentService],
            new()
            {
                [KnownEnvironment.ProfilePath] = "{profile}",
                [KnownEnvironment.ArchivePath] = "{state}/archive",
                [KnownEnvironment.CaptureBundlePath] = "{state}/bundles",
                [KnownEnvironment.SigningKeyFile] = "{keys}/evidence.key",
                [KnownEnvironment.SigningPasswordFile] = "{keys}/evidence.password",
                [KnownEnvironment.ServiceTokenFile] = "{keys}/capture-worker.token",
            }),
    ];

    /// <summary>The scopes of the token that a service presents to others; services that call nobody have none.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ServiceScopes { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        [KnownServices.IngestGateway] = [KnownScopes.FleetAgent],
        [KnownServices.IncidentService] = [KnownScopes.CapturesCreate],
        [KnownServices.CaptureWorker] = [KnownScopes.AuditRead, KnownScopes.IncidentsRead, KnownScopes.TelemetryRead, KnownScopes.ProfilesRead],
    };

    /// <summary>These resources and what they wait for, in the order of starting.</summary>
    /// <exception cref="ArgumentException">There is no such resource.</exception>
    public static IReadOnlyList<Resource> Only(IReadOnlyCollection<string> names)
    {
        var wanted = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names)
        {
            Want(name);
        }

        return [.. Resources.Where(r => wanted.Contains(r.Name))];

        void Want(string name)
        {
            var resource = Resources.FirstOrDefault(r => r.Name == name)
                ?? throw new ArgumentException($"--only '{name}': there is no such resource; they are {string.Join(", ", Resources.Select(r => r.Name))}");
            if (wanted.Add(name))
            {
                foreach (var other in resource.WaitsFor)
                {
                    Want(other);
                }
            }
        }
    }

    /// <summary>What every service of ours is given beside its own variables.</summary>
    private static Resource Service(
        string name,
        string project,
        IReadOnlyList<ResourceEndpoint> endpoints,
        IReadOnlyList<string> references,
        IReadOnlyList<string> waitsFor,
        Dictionary<string, string> environment) => new(name, ResourceKind.Service, project, endpoints, references, waitsFor, new Dictionary<string, string>(environment)
        {
            [KnownEnvironment.AspNetCoreUrls] = $"{{{name}.{Http}}}",
            [KnownEnvironment.AuthJwksFile] = "{keys}/jwks.json",
            [KnownEnvironment.IdentityKeyFile] = $"{{keys}}/{name}.key",
            [KnownEnvironment.TrustFile] = "{keys}/trust.json",
            [KnownEnvironment.OtlpEndpoint] = $"{{{KnownServices.IngestGateway}.{OtlpGrpc}}}",
            [KnownEnvironment.OtlpHeaders] = "authorization=Bearer%20{system-key}",
            [KnownEnvironment.OtelServiceName] = name,
        });

    private static Dictionary<string, string> Nothing() => [];
}
