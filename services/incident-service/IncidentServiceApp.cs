using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IncidentService.Evidence;
using StellaOps.Telemetry.IncidentService.Expiry;
using StellaOps.Telemetry.IncidentService.Hooks;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Notify;
using StellaOps.Telemetry.IncidentService.Notify.Api;
using StellaOps.Telemetry.IncidentService.Publishing;
using StellaOps.Telemetry.IncidentService.Site;
using StellaOps.Telemetry.IncidentService.Usage;
using StellaOps.Telemetry.ServiceDefaults;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.ServiceDefaults.Egress;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService;

/// <summary>The application, for the process and for tests in process.</summary>
internal static class IncidentServiceApp
{
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        customize?.Invoke(builder);
        builder.AddStellaServiceDefaults(KnownServices.IncidentService);
        builder.AddStellaDatabase("incident", typeof(IncidentServiceApp).Assembly);
        builder.Services.AddSiteProfile();
        builder.Services.AddStellaEgress(p => p.GetRequiredService<SiteProfileSource>().LoadPolicy());
        builder.Services.AddSiteTerms();
        builder.Services.AddIncidents();
        builder.Services.AddIncidentPublishing();
        builder.Services.AddIncidentUsage();
        builder.Services.AddIncidentEvidence();
        builder.Services.AddIncidentExpiry();
        builder.Services.AddIncidentNotifications();
        builder.Services.AddIncidentHooks();

        var app = builder.Build();
        app.MapStellaDefaultEndpoints();
        app.MapIncidentsApiV1();
        app.MapAcknowledgementApiV1();
        app.MapNotificationsApiV1();
        app.MapHooksApiV1();
        return app;
    }
}
