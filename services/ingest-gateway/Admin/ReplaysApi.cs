using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.IngestGateway.Replays;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IngestGateway.Admin;

/// <summary>What this gateway took of replays, for whoever has to prove that all of one arrived.</summary>
internal static class ReplaysApi
{
    public static RouteGroupBuilder MapReplaysApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/gateways/self/replays").WithTags("Gateways").RequireScope(KnownScopes.TelemetryRead);
        group.MapGet("/{replayId}", GetReplay).WithName("GetReplay").WithSummary("Read what this gateway took of a replay, each batch once");
        return group;
    }

    private static Results<Ok<ReplayResponse>, ProblemHttpResult> GetReplay(
        ClaimsPrincipal user, [FromServices] ReplayRegister replays, string replayId, string? tenant, CancellationToken cancellationToken)
    {
        if (TenantFilter.FaultOf(user, tenant, out var wanted) is { } fault)
        {
            return fault;
        }

        // Two tenants may have a replay of one id: it has to be said whose.
        if (wanted is not { } owner)
        {
            return Problems.Validation(("tenant", "missing; a token of all tenants has to name one"));
        }

        return replays.Find(owner, replayId) is { } replay
            ? TypedResults.Ok(replay)
            : Problems.NotFound("This gateway took nothing of such a replay of this tenant, or has forgotten it.");
    }
}
