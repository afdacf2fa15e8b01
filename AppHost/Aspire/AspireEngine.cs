using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using StellaOps.Telemetry.AppHost.Local.Processes;
using StellaOps.Telemetry.AppHost.Plan;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.AppHost.Aspire;

/// <summary>The same resources as <see cref="Topology"/>, in Aspire's words.</summary>
internal static class AspireEngine
{
    public static async Task RunAsync(string[] args)
    {
        var builder = DistributedApplication.CreateBuilder(args);
        var root = BuiltAssembly.RepositoryRoot();
        var systemKey = builder.AddParameter("system-ingest-key", secret: true);
        var keys = builder.AddParameter("keys-folder");
        var state = builder.AddParameter("state-folder");

        var postgres = builder.AddPostgres(KnownServices.Postgres);
        var database = postgres.AddDatabase("telemetry");
        var redis = builder.AddRedis(KnownServices.Redis);

        var profiles = builder.AddProject<Projects.StellaOps_Telemetry_ProfileService>(KnownServices.ProfileService, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithReference(database)
            .WaitFor(database)
            .WithEnvironment(KnownEnvironment.SystemIngestKeyFile, ReferenceExpression.Create($"{keys}/system-ingest.key"))
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);

        var incidents = builder.AddProject<Projects.StellaOps_Telemetry_IncidentService>(KnownServices.IncidentService, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithReference(database)
            .WithReference(redis)
            .WaitFor(database)
            .WaitFor(redis)
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);

        // OTLP endpoints are not proxied: the gateway binds the very ports that senders are told.
        var gateway = builder.AddProject<Projects.StellaOps_Telemetry_IngestGateway>(KnownServices.IngestGateway, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithHttpEndpoint(port: Topology.DefaultPortBase, targetPort: Topology.DefaultPortBase, name: Topology.OtlpGrpc, isProxied: false)
            .WithHttpEndpoint(port: Topology.DefaultPortBase + 1, targetPort: Topology.DefaultPortBase + 1, name: Topology.OtlpHttp, isProxied: false)
            .WithReference(redis)
            .WithReference(profiles)
            .WaitFor(redis)
            .WaitFor(profiles)
            .WithEnvironment(KnownEnvironment.GatewayId, "gateway-1")
            .WithEnvironment(KnownEnvironment.GatewayDataPath, ReferenceExpression.Create($"{state}/gateway"))
            .WithEnvironment(KnownEnvironment.ProfilePath, Path.Combine(root, "profiles", "default.yaml"))
            .WithEnvironment(KnownEnvironment.RedactionHmacKeyFile, ReferenceExpression.Create($"{keys}/redaction-hmac.key"))
            .WithEnvironment(KnownEnvironment.ArchivePath, ReferenceExpression.Create($"{state}/archive"))
            .WithEnvironment(KnownEnvironment.ServiceTokenFile, ReferenceExpression.Create($"{keys}/ingest-gateway.token"))
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);
        var otlpGrpc = gateway.GetEndpoint(Topology.OtlpGrpc);
        gateway
            .WithEnvironment(KnownEnvironment.GatewayGrpcUrl, otlpGrpc)
            .WithEnvironment(KnownEnvironment.GatewayHttpUrl, gateway.GetEndpoint(Topology.OtlpHttp));

        var captures = builder.AddProject<Projects.StellaOps_Telemetry_CaptureWorker>(KnownServices.CaptureWorker, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithReference(database)
            .WithReference(redis)
            .WithReference(profiles)
            .WithReference(incidents)
            .WithReference(gateway)
            .WaitFor(database)
            .WaitFor(redis)
            .WaitFor(profiles)
            .WaitFor(incidents)
            .WithEnvironment(KnownEnvironment.ArchivePath, ReferenceExpression.Create($"{state}/archive"))
            .WithEnvironment(KnownEnvironment.CaptureBundlePath, ReferenceExpression.Create($"{state}/bundles"))
            .WithEnvironment(KnownEnvironment.SigningKeyFile, ReferenceExpression.Create($"{keys}/evidence.key"))
            .WithEnvironment(KnownEnvironment.SigningPasswordFile, ReferenceExpression.Create($"{keys}/evidence.password"))
            .WithEnvironment(KnownEnvironment.ServiceTokenFile, ReferenceExpression.Create($"{keys}/capture-worker.token"))
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);

        foreach (var service in (IResourceBuilder<ProjectResource>[])[profiles, incidents, gateway, captures])
        {
            service
                .WithEnvironment(KnownEnvironment.AuthJwksFile, ReferenceExpression.Create($"{keys}/jwks.json"))
                .WithEnvironment(KnownEnvironment.IdentityKeyFile, ReferenceExpression.Create($"{keys}/{service.Resource.Name}.key"))
                .WithEnvironment(KnownEnvironment.TrustFile, ReferenceExpression.Create($"{keys}/trust.json"))
                .WithEnvironment(KnownEnvironment.OtlpEndpoint, otlpGrpc)
                .WithEnvironment(KnownEnvironment.OtlpHeaders, ReferenceExpression.Create($"authorization=Bearer%20{systemKey}"))
                .WithEnvironment(KnownEnvironment.OtelServiceName, service.Resource.Name);
        }

        await builder.Build().RunAsync();
    }
}
