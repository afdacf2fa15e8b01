using System.Buffers;
using System.Globalization;
using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Configuration;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IngestGateway.Admin;

/// <summary>What one gateway says of itself. Reads only.</summary>
internal static class GatewayApi
{
    private const int TraceIdLength = 32;

    public static RouteGroupBuilder MapGatewayApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/gateways/self").WithTags("Gateways").RequireScope(KnownScopes.TelemetryRead);
        group.MapGet("/", GetStatus).WithName("GetGatewayStatus").WithSummary("Read what this gateway runs and how it fares");
        group.MapGet("/ledger", GetLedger).WithName("GetGatewayLedger").WithSummary("Read what became of accepted records, by minute of acceptance");
        group.MapGet("/traces/{traceId}", GetTrace).WithName("GetTraceDecision").WithSummary("Read why a trace was kept or not");
        return group;
    }

    private static Ok<GatewayStatusResponse> GetStatus(
        ClaimsPrincipal user,
        [AsParameters] GatewayStatusServices services,
        CancellationToken cancellationToken)
    {
        var pipeline = services.Pipeline;
        var profile = services.Profile.Current;
        var settings = profile.Settings;
        var now = services.Time.GetUtcNow();
        return TypedResults.Ok(new GatewayStatusResponse(
            services.Options.Id,
            settings.ProfileName,
            settings.ProfileHash,
            settings.RedactionPolicy,
            settings.Durability.ToString().ToLowerInvariant(),
            services.Snapshot.Current?.Version ?? 0,
            pipeline.RecorderSpanSeconds,
            pipeline.LogBytes,
            (long)pipeline.NextSequence,
            pipeline.UndecidedRecords,
            pipeline.SamplingPercent,
            [.. services.Incidents.Current.Active.Where(i => i.ExpiresAt > now && user.MayAccess(i.Tenant)).Select(i => i.Id)],
            pipeline.Exporters,
            [.. services.Profile.Refused?.Faults ?? [], .. services.Profile.RefusedDeployment?.Faults ?? []],
            pipeline.SpillBytes,
            pipeline.Trouble,
            DeploymentStatus.Of(profile.Deployment),
            DeploymentStatus.Of(services.Profile.RefusedDeployment)));
    }

    private static Results<Ok<LedgerResponse>, ProblemHttpResult> GetLedger(
        ClaimsPrincipal user,
        GatewayOptions options,
        [FromServices] ILedger ledger,
        TimeProvider time,
        string? tenant,
        string? from,
        string? to,
        CancellationToken cancellationToken)
    {
        if (TenantFilter.FaultOf(user, tenant, out var wanted) is { } fault)
        {
            return fault;
        }

        var now = time.GetUtcNow();
        if (!TryTime(from, now.AddHours(-1), out var first) || !TryTime(to, now.AddMinutes(1), out var last) || first > last)
        {
            return Problems.Validation(("from", "from and to are RFC 3339 times, from not after to"));
        }

        return TypedResults.Ok(new LedgerResponse(options.Id, ledger.Query(wanted, UnixNano.Of(first), UnixNano.Of(last))));
    }

    private static Results<Ok<TraceDecisionResponse>, ProblemHttpResult> GetTrace(
        ClaimsPrincipal user,
        [FromServices] IDecisionLookup decisions,
        string traceId,
        string? tenant,
        CancellationToken cancellationToken)
    {
        Span<byte> id = stackalloc byte[TraceIdLength / 2];
        if (traceId.Length != TraceIdLength || Convert.FromHexString(traceId, id, out _, out _) != OperationStatus.Done)
        {
            return Problems.Validation(("traceId", "not 32 hex digits"));
        }

        // One trace id may stand in two tenants: it has to be said whose.
        TenantId owner;
        if (tenant is null)
        {
            if (user.BoundTenant() is not { } bound)
            {
                return Problems.Validation(("tenant", "missing; a token of all tenants has to name one"));
            }

            owner = bound;
        }
        else if (!TenantId.TryParse(tenant, out owner))
        {
            return Problems.Validation(("tenant", "not a tenant name"));
        }

        if (!user.MayAccess(owner))
        {
            return Problems.TenantNotAllowed(owner);
        }

        var (decision, policy) = decisions.Find(owner, id);
        return decision == TraceDecision.Unknown
            ? Problems.NotFound("This gateway knows no such trace of this tenant, or no longer.")
            : TypedResults.Ok(new TraceDecisionResponse(traceId, owner, NameOf(decision), policy));
    }

    private static string NameOf(TraceDecision decision) => decision switch
    {
        TraceDecision.Kept => "kept",
        TraceDecision.SampledOut => "sampled_out",
        _ => "undecided",
    };

    private static bool TryTime(string? text, DateTimeOffset fallback, out DateTimeOffset time)
    {
        time = fallback;
        return text is null || DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }
}

/// <summary>What the status is made of.</summary>
internal readonly record struct GatewayStatusServices(
    GatewayOptions Options,
    ProfileState Profile,
    SnapshotState Snapshot,
    IIncidentScopes Incidents,
    IPipelineStatus Pipeline,
    TimeProvider Time);
