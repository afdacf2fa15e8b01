using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Incidents;

internal static class IncidentsApi
{
    public static RouteGroupBuilder MapIncidentsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/incidents").WithTags("Incidents");
        group.MapPost("/", StartAsync).RequireScope(KnownScopes.IncidentsWrite).WithName("StartIncident").WithSummary("Opens an incident: gateways keep its scope at the raised rate within a second");
        group.MapGet("/", ListAsync).RequireScope(KnownScopes.IncidentsRead).WithName("ListIncidents").WithSummary("Incidents of the tenants that the token is good for, newest first");
        group.MapGet("/{id}", GetAsync).RequireScope(KnownScopes.IncidentsRead).WithName("GetIncident").WithSummary("One incident with its timeline");
        group.MapPost("/{id}/stop", StopAsync).RequireScope(KnownScopes.IncidentsWrite).WithName("StopIncident").WithSummary("Ends an incident: after its cooldown, or now");
        group.MapPost("/{id}/extend", ExtendAsync).RequireScope(KnownScopes.IncidentsWrite).WithName("ExtendIncident").WithSummary("Keeps an incident active for longer");
        return group;
    }

    private static async Task<Results<Created<IncidentResponse>, ProblemHttpResult>> StartAsync(
        StartIncidentRequest request, HttpContext http, IncidentStore incidents, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (IncidentRules.FaultsOf(request, idempotencyKey) is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        if (!http.User.MayAccess(request.Tenant))
        {
            return Problems.TenantNotAllowed(request.Tenant);
        }

        var (outcome, incident) = await incidents.StartAsync(request, http.User.Actor(), idempotencyKey, cancellationToken);
        if (outcome == ChangeOutcome.KeyReused)
        {
            return Problems.IdempotencyMismatch();
        }

        http.Response.Headers.ETag = IncidentETag.Of(incident!.Version);
        return TypedResults.Created($"/api/v1/incidents/{incident.Id}", incident);
    }

    private static async Task<Results<Ok<Page<IncidentResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext http, IncidentStore incidents, TenantId? tenant, string? state, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > IncidentRules.MaxPageSize)
        {
            return Problems.Validation(("limit", $"must be 1 to {IncidentRules.MaxPageSize}"));
        }

        IncidentState? wanted = null;
        if (state is not null)
        {
            wanted = Enum.GetValues<IncidentState>().Cast<IncidentState?>().FirstOrDefault(s => JsonNamingPolicy.KebabCaseLower.ConvertName(s!.Value.ToString()) == state);
            if (wanted is null)
            {
                return Problems.Validation(("state", "must be requested, active, cooling-down, closed or expired"));
            }
        }

        if (tenant is { } asked && !http.User.MayAccess(asked))
        {
            return Problems.TenantNotAllowed(asked);
        }

        return TypedResults.Ok(await incidents.ListAsync(tenant ?? http.User.BoundTenant(), wanted, cursor, limit ?? IncidentRules.DefaultPageSize, cancellationToken));
    }

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> GetAsync(string id, HttpContext http, IncidentStore incidents, CancellationToken cancellationToken) =>
        Answer(http, id, await incidents.FindAsync(id, http.User.MayAccess, cancellationToken) is { } incident ? (ChangeOutcome.Done, incident) : (ChangeOutcome.NotFound, null));

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> StopAsync(
        string id, StopIncidentRequest? request, HttpContext http, IncidentStore incidents, [FromHeader(Name = "If-Match")] string? ifMatch, CancellationToken cancellationToken)
    {
        request ??= new StopIncidentRequest();
        if (IncidentRules.FaultsOfReason(request.Reason).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        return IncidentETag.TryParse(ifMatch, out var version)
            ? Answer(http, id, await incidents.ChangeAsync(
                id, http.User.MayAccess, version, http.User.Actor(), request.Now ? "stop-now" : "stop", request.Reason, (incident, now) => IncidentMachine.Stop(incident, request.Now, now), cancellationToken))
            : Problems.PreconditionFailed("If-Match is not one of our ETags.");
    }

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> ExtendAsync(
        string id, ExtendIncidentRequest request, HttpContext http, IncidentStore incidents, [FromHeader(Name = "If-Match")] string? ifMatch, CancellationToken cancellationToken)
    {
        if (IncidentRules.FaultsOfTtl(request.TtlSeconds).Concat(IncidentRules.FaultsOfReason(request.Reason)).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        return IncidentETag.TryParse(ifMatch, out var version)
            ? Answer(http, id, await incidents.ChangeAsync(
                id,
                http.User.MayAccess,
                version,
                http.User.Actor(),
                "extend",
                request.Reason,
                (incident, now) => IncidentMachine.CanExtend(incident, now) ? IncidentMachine.Extend(incident, request.TtlSeconds, now) : null,
                cancellationToken))
            : Problems.PreconditionFailed("If-Match is not one of our ETags.");
    }

    private static Results<Ok<IncidentResponse>, ProblemHttpResult> Answer(HttpContext http, string id, (ChangeOutcome Outcome, IncidentResponse? Incident) change)
    {
        switch (change.Outcome)
        {
            case ChangeOutcome.NotFound:
                return Problems.NotFound($"There is no incident '{id}'.");
            case ChangeOutcome.VersionDiffers:
                return Problems.PreconditionFailed($"Incident '{id}' has another version by now.");
            case ChangeOutcome.WrongState:
                return Problems.Conflict($"Incident '{id}' is no longer active: start another one.");
            default:
                http.Response.Headers.ETag = IncidentETag.Of(change.Incident!.Version);
                return TypedResults.Ok(change.Incident);
        }
    }
}
