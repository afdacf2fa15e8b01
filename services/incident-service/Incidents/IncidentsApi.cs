using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Site;
using StellaOps.Telemetry.IncidentService.Usage;
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
        StartIncidentRequest request, HttpContext http, IncidentServices services, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (IncidentRules.FaultsOf(request, idempotencyKey, services.Time.GetUtcNow()) is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        if (!http.User.MayAccess(request.Tenant))
        {
            return Problems.TenantNotAllowed(request.Tenant);
        }

        var (outcome, incident) = await services.Incidents.StartAsync(request, new IncidentOrigin(IncidentOriginKind.Person), http.User.Actor(), idempotencyKey, cancellationToken);
        switch (outcome)
        {
            case ChangeOutcome.KeyReused:
                return Problems.IdempotencyMismatch();
            case ChangeOutcome.NotFound:
                return Problems.NotFound($"There is no incident '{request.Replaces}' of tenant '{request.Tenant}' to replace.");
            case ChangeOutcome.WrongState:
                return Problems.Conflict($"Incident '{request.Replaces}' has ended: start without replacing it.");
            default:
                await services.Activator.TryActivateAsync(incident!, cancellationToken);
                var response = (await services.Incidents.FindAsync(incident!.Id, _ => true, cancellationToken))!;
                http.Response.Headers.ETag = IncidentETag.Of(response.Version);
                return TypedResults.Created($"/api/v1/incidents/{response.Id}", response);
        }
    }

    private static async Task<Results<Ok<Page<IncidentResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext http, IncidentStore incidents, TenantId? tenant, string? state, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(http.User, tenant, limit, IncidentRules.MaxPageSize) is { } problem)
        {
            return problem;
        }

        IncidentState? wanted = null;
        if (state is not null)
        {
            wanted = Enum.GetValues<IncidentState>().Cast<IncidentState?>().FirstOrDefault(s => JsonNamingPolicy.KebabCaseLower.ConvertName(s!.Value.ToString()) == state);
            if (wanted is null)
            {
                return Problems.Validation(("state", "must be requested, active, cooling-down, closed, expired or superseded"));
            }
        }

        return TypedResults.Ok(await incidents.ListAsync(tenant ?? http.User.BoundTenant(), wanted, cursor, limit ?? IncidentRules.DefaultPageSize, cancellationToken));
    }

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> GetAsync(
        string id, HttpContext http, IncidentStore incidents, IncidentUsageState usage, CancellationToken cancellationToken) =>
        await incidents.FindAsync(id, http.User.MayAccess, cancellationToken) is { } incident ? Show(http, incident with { Cost = usage.CostOf(id) }) : Problems.NotFound($"There is no incident '{id}'.");

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> StopAsync(
        string id, StopIncidentRequest? request, HttpContext http, IncidentStore incidents, [FromHeader(Name = "If-Match")] string? ifMatch, CancellationToken cancellationToken)
    {
        request ??= new StopIncidentRequest();
        if (IncidentRules.FaultsOfReason(request.Reason).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        return IncidentETag.TryParse(ifMatch, out var version)
            ? await AnswerAsync(
                http,
                incidents,
                id,
                await incidents.ChangeAsync(
                    id, http.User.MayAccess, version, http.User.Actor(), request.Now ? "stop-now" : "stop", request.Reason, (incident, now) => IncidentMachine.Stop(incident, request.Now, now), cancellationToken),
                cancellationToken)
            : Problems.PreconditionFailed("If-Match is not one of our ETags.");
    }

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> ExtendAsync(
        string id, ExtendIncidentRequest request, HttpContext http, IncidentStore incidents, SiteTerms site, [FromHeader(Name = "If-Match")] string? ifMatch, CancellationToken cancellationToken)
    {
        if (IncidentRules.FaultsOfTtl(request.TtlSeconds).Concat(IncidentRules.FaultsOfReason(request.Reason)).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        return IncidentETag.TryParse(ifMatch, out var version)
            ? await AnswerAsync(
                http,
                incidents,
                id,
                await incidents.ChangeAsync(
                    id,
                    http.User.MayAccess,
                    version,
                    http.User.Actor(),
                    "extend",
                    request.Reason,
                    (incident, now) => IncidentMachine.CanExtend(incident, now) ? IncidentMachine.Extend(incident, site.TtlOf(request.TtlSeconds, incident.CooldownSeconds), now) : null,
                    cancellationToken),
                cancellationToken)
            : Problems.PreconditionFailed("If-Match is not one of our ETags.");
    }

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> AnswerAsync(
        HttpContext http, IncidentStore incidents, string id, (ChangeOutcome Outcome, Incident? Incident) change, CancellationToken cancellationToken) => change.Outcome switch
        {
            ChangeOutcome.NotFound => Problems.NotFound($"There is no incident '{id}'."),
            ChangeOutcome.VersionDiffers => Problems.PreconditionFailed($"Incident '{id}' has another version by now."),
            ChangeOutcome.WrongState => Problems.Conflict($"Incident '{id}' has ended: start another one."),
            _ => Show(http, (await incidents.FindAsync(id, _ => true, cancellationToken))!),
        };

    private static Ok<IncidentResponse> Show(HttpContext http, IncidentResponse incident)
    {
        http.Response.Headers.ETag = IncidentETag.Of(incident.Version);
        return TypedResults.Ok(incident);
    }
}
