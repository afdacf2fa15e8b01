using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Audit;
using StellaOps.Telemetry.ProfileService.Deployments;
using StellaOps.Telemetry.ProfileService.IngestKeys;
using StellaOps.Telemetry.ProfileService.OpAmp;
using StellaOps.Telemetry.ProfileService.Rollouts;
using StellaOps.Telemetry.ProfileService.Snapshots;
using StellaOps.Telemetry.ProfileService.Tenants;
using StellaOps.Telemetry.ProfileService.Trust;
using StellaOps.Telemetry.ProfileService.Versions;
using StellaOps.Telemetry.ServiceDefaults;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService;

/// <summary>The application, for the process and for tests in process.</summary>
internal static class ProfileServiceApp
{
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        customize?.Invoke(builder);
        builder.AddStellaServiceDefaults(KnownServices.ProfileService);
        builder.AddStellaDatabase("profile", typeof(ProfileServiceApp).Assembly);
        builder.Services.AddTenants();
        builder.Services.AddIngestKeys();
        builder.Services.AddSnapshots();
        builder.Services.AddTrust();
        builder.Services.AddVersions();
        builder.Services.AddDeployments();
        builder.Services.AddAgents();
        builder.Services.AddFleetServer();
        builder.Services.AddRollouts();

        var app = builder.Build();
        app.MapStellaDefaultEndpoints();
        app.MapTenantsApiV1();
        app.MapIngestKeysApiV1();
        app.MapSnapshotApiV1();
        app.MapAuditApiV1();
        app.MapVersionsApiV1();
        app.MapRolloutsApiV1();
        app.MapAgentsApiV1();
        app.MapFleetServer();
        return app;
    }
}
