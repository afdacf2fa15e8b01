using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IncidentService.Incidents;
using StellaOps.Telemetry.IncidentService.Notify.Escalation;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IncidentService.Notify.Api;

internal static class AcknowledgementApi
{
    public static RouteGroupBuilder MapAcknowledgementApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/incidents").WithTags("Incidents");
        group.MapPost("/{id}/acknowledge", AcknowledgeAsync).RequireScope(KnownScopes.IncidentsWrite).WithName("AcknowledgeIncident").WithSummary("Says that somebody looks after it: nobody else is called");
        return group;
    }

    private static async Task<Results<Ok<IncidentResponse>, ProblemHttpResult>> AcknowledgeAsync(
        string id, AcknowledgeIncidentRequest? request, HttpContext http, AcknowledgementStore acknowledgements, IncidentStore incidents, CancellationToken cancellationToken)
    {
        if (IncidentRules.FaultsOfReason(request?.Reason).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        var outcome = await acknowledgements.AcknowledgeAsync(id, http.User.MayAccess, http.User.Actor(), request?.Reason, cancellationToken);
        if (outcome == ChangeOutcome.WrongState)
        {
            return Problems.Conflict($"Incident '{id}' is over.");
        }

        if (outcome == ChangeOutcome.NotFound || await incidents.FindAsync(id, http.User.MayAccess, cancellationToken) is not { } incident)
        {
            return Problems.NotFound($"There is no incident '{id}'.");
        }

        http.Response.Headers.ETag = IncidentETag.Of(incident.Version);
        return TypedResults.Ok(incident);
    }
}
