using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using StellaOps.Telemetry.AppHost.Local;
using StellaOps.Telemetry.AppHost.Local.Bootstrap;
using StellaOps.Telemetry.AppHost.Local.Processes;
using StellaOps.Telemetry.AppHost.Plan;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;

namespace StellaOps.Telemetry.AppHost.Aspire;

/// <summary>
/// The same resources as <see cref="Topology"/>, in Aspire's words. Run: keys and state are those of the local engine, in <c>.stella/</c>.
/// Published: keys, state and issuer are parameters, and the development issuer is not among them.
/// </summary>
internal static class AspireEngine
{
    /// <summary>Relative to a service's working directory, so that no path of the publishing machine gets into a manifest.</summary>
    private const string PublishedProfile = "profiles/default.yaml";

    private const string KeysParameter = "keys-folder";
    private const string StateParameter = "state-folder";
    private const string SystemKeyParameter = "system-ingest-key";

    public static async Task RunAsync(string[] args)
    {
        var embeddedAsked = args.Contains("--embedded");
        var builder = DistributedApplication.CreateBuilder([.. args.Where(a => a is not ("--aspire" or "--embedded"))]);
        if (builder.ExecutionContext.IsPublishMode)
        {
            AddServices(builder, new ContainerStores(builder), PublishedProfile);
            await builder.Build().RunAsync();
            return;
        }

        using var stop = new CancellationTokenSource();
        var root = BuiltAssembly.Root();
        using var state = StateFolder.Take(Path.Combine(root, ".stella"));
        var secrets = KeyBootstrap.Complete(state.Keys);
        var tokens = new ServiceTokens(state.Keys, TimeProvider.System);
        tokens.Write();
        builder.Configuration["Parameters:" + KeysParameter] = state.Keys;
        builder.Configuration["Parameters:" + StateParameter] = state.Root;
        builder.Configuration["Parameters:" + SystemKeyParameter] = secrets.SystemIngestKey;
        AddServices(builder, await StoresAsync(builder, embeddedAsked, state, secrets, root, stop.Token), Path.Combine(root, "profiles", "default.yaml"));
        var renewal = tokens.RenewAsync(stop.Token);
        try
        {
            await builder.Build().RunAsync();
        }
        finally
        {
            await stop.CancelAsync();
            await renewal.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Containers where a runtime answers, else (or when asked for) the embedded ones; says which, and why.</summary>
    private static async Task<IStores> StoresAsync(
        IDistributedApplicationBuilder builder, bool embeddedAsked, StateFolder state, BootstrapSecrets secrets, string root, CancellationToken cancellationToken)
    {
        if (!embeddedAsked && await ContainerRuntime.AnswersAsync(cancellationToken))
        {
            Console.WriteLine("stores: containers, because a container runtime answers; --embedded runs without");
            return new ContainerStores(builder);
        }

        Console.WriteLine($"stores: PostgreSQL of this machine and Garnet, because {(embeddedAsked ? "--embedded asks for them" : "no container runtime answers")}");
        var context = new LocalContext(state, root, LocalOptions.Parse(["--ports", "random"]), [], secrets.SystemIngestKey, secrets.GatewayId);
        return await EmbeddedStores.PrepareAsync(builder, context, root, secrets.PostgresPassword, cancellationToken);
    }

    private static void AddServices(IDistributedApplicationBuilder builder, IStores stores, string profile)
    {
        var keys = builder.AddParameter(KeysParameter);
        var state = builder.AddParameter(StateParameter);
        var systemKey = builder.AddParameter(SystemKeyParameter, secret: true);

        var profiles = builder.AddProject<Projects.StellaOps_Telemetry_ProfileService>(KnownServices.ProfileService, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithEnvironment(KnownEnvironment.SystemIngestKeyFile, ReferenceExpression.Create($"{keys}/system-ingest.key"))
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);
        stores.GiveDatabase(profiles);

        var incidents = builder.AddProject<Projects.StellaOps_Telemetry_IncidentService>(KnownServices.IncidentService, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithEnvironment(KnownEnvironment.ProfilePath, profile)
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);
        stores.GiveDatabase(incidents);
        stores.GiveRedis(incidents);

        // The OTLP endpoints are not proxied: the gateway binds the very ports that senders are told. It binds them by its own settings, so
        // only the API's endpoint may reach ASPNETCORE_URLS.
        var gateway = builder.AddProject<Projects.StellaOps_Telemetry_IngestGateway>(KnownServices.IngestGateway, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithHttpEndpoint(port: Topology.DefaultPortBase, targetPort: Topology.DefaultPortBase, name: Topology.OtlpGrpc, isProxied: false)
            .WithHttpEndpoint(port: Topology.DefaultPortBase + 1, targetPort: Topology.DefaultPortBase + 1, name: Topology.OtlpHttp, isProxied: false)
            .WithEndpointsInEnvironment(endpoint => endpoint.Name == Topology.Http)
            .WithReference(profiles)
            .WaitFor(profiles)
            .WithEnvironment(KnownEnvironment.GatewayId, "gateway-1")
            .WithEnvironment(KnownEnvironment.GatewayDataPath, ReferenceExpression.Create($"{state}/gateway"))
            .WithEnvironment(KnownEnvironment.ProfilePath, profile)
            .WithEnvironment(KnownEnvironment.RedactionHmacKeyFile, ReferenceExpression.Create($"{keys}/redaction-hmac.key"))
            .WithEnvironment(KnownEnvironment.ServiceTokenFile, ReferenceExpression.Create($"{keys}/{KnownServices.IngestGateway}.token"))
            .WithEnvironment(KnownEnvironment.FleetOpAmpUrl, ReferenceExpression.Create($"ws://{profiles.GetEndpoint(Topology.Http).Property(EndpointProperty.HostAndPort)}{KnownFleet.OpAmpPath}"))
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);
        stores.GiveRedis(gateway);
        GiveArchive(gateway, state, isPublished: builder.ExecutionContext.IsPublishMode);
        var otlpGrpc = gateway.GetEndpoint(Topology.OtlpGrpc);
        gateway
            .WithEnvironment(KnownEnvironment.GatewayGrpcUrl, otlpGrpc)
            .WithEnvironment(KnownEnvironment.GatewayHttpUrl, gateway.GetEndpoint(Topology.OtlpHttp));

        var captures = builder.AddProject<Projects.StellaOps_Telemetry_CaptureWorker>(KnownServices.CaptureWorker, launchProfileName: null)
            .WithHttpEndpoint(name: Topology.Http)
            .WithReference(profiles)
            .WithReference(incidents)
            .WithReference(gateway)
            .WaitFor(profiles)
            .WaitFor(incidents)
            .WithEnvironment(KnownEnvironment.ProfilePath, profile)
            .WithEnvironment(KnownEnvironment.CaptureBundlePath, ReferenceExpression.Create($"{state}/bundles"))
            .WithEnvironment(KnownEnvironment.SigningKeyFile, ReferenceExpression.Create($"{keys}/evidence.key"))
            .WithEnvironment(KnownEnvironment.SigningPasswordFile, ReferenceExpression.Create($"{keys}/evidence.password"))
            .WithEnvironment(KnownEnvironment.ServiceTokenFile, ReferenceExpression.Create($"{keys}/{KnownServices.CaptureWorker}.token"))
            .WithHttpHealthCheck("/health", endpointName: Topology.Http);
        stores.GiveDatabase(captures);
        stores.GiveRedis(captures);
        GiveArchive(captures, state, isPublished: builder.ExecutionContext.IsPublishMode);

        // The worker waits for the incident service; that one just has to know where the worker is.
        incidents
            .WithReference(captures)
            .WithEnvironment(KnownEnvironment.ServiceTokenFile, ReferenceExpression.Create($"{keys}/{KnownServices.IncidentService}.token"));

        var authority = builder.ExecutionContext.IsPublishMode ? builder.AddParameter("oidc-authority") : null;
        foreach (var service in (IResourceBuilder<ProjectResource>[])[profiles, incidents, gateway, captures])
        {
            service
                .WithEnvironment(KnownEnvironment.IdentityKeyFile, ReferenceExpression.Create($"{keys}/{service.Resource.Name}.key"))
                .WithEnvironment(KnownEnvironment.TrustFile, ReferenceExpression.Create($"{keys}/trust.json"))
                .WithEnvironment(KnownEnvironment.OtlpEndpoint, otlpGrpc)
                .WithEnvironment(KnownEnvironment.OtlpHeaders, ReferenceExpression.Create($"authorization=Bearer%20{systemKey}"))
                .WithEnvironment(KnownEnvironment.OtelServiceName, service.Resource.Name);
            if (authority is null)
            {
                service.WithEnvironment(KnownEnvironment.AuthJwksFile, ReferenceExpression.Create($"{keys}/jwks.json"));
            }
            else
            {
                service.WithEnvironment(KnownEnvironment.AuthAuthority, authority);
            }
        }
    }

    /// <summary>The folder, unless the environment of a run names a bucket. What is published has a folder: whoever deploys it sets the bucket there.</summary>
    private static void GiveArchive(IResourceBuilder<ProjectResource> service, IResourceBuilder<ParameterResource> state, bool isPublished)
    {
        var bucket = isPublished ? new Dictionary<string, string>() : BucketSettings.Of(Environment.GetEnvironmentVariables());
        if (bucket.Count == 0)
        {
            service.WithEnvironment(KnownEnvironment.ArchivePath, ReferenceExpression.Create($"{state}/archive"));
        }

        foreach (var (name, value) in bucket)
        {
            service.WithEnvironment(name, value);
        }
    }
}
