using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.Agents;

internal static class AgentsApi
{
    public static RouteGroupBuilder MapAgentsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1").WithTags("Fleet").RequireAllTenants();
        group.MapGet("/fleet", SummarizeAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetFleet").WithSummary("The fleet in numbers");
        group.MapGet("/agents", ListAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListAgents").WithSummary("Agents with what they should run, received and run");
        group.MapGet("/agents/{uid:guid}", GetAsync).RequireScope(KnownScopes.ProfilesRead).WithName("GetAgent").WithSummary("One agent");
        return group;
    }

    private static async Task<Ok<FleetResponse>> SummarizeAsync(FleetStore fleet, CancellationToken cancellationToken) => TypedResults.Ok(await fleet.SummarizeAsync(cancellationToken));

    private static async Task<Results<Ok<Page<AgentResponse>>, ProblemHttpResult>> ListAsync(FleetStore fleet, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > RequestRules.MaxPageSize)
        {
            return Problems.Validation(("limit", $"must be 1 to {RequestRules.MaxPageSize}"));
        }

        var after = Guid.Empty;
        if (cursor is not null && !Guid.TryParseExact(cursor, "D", out after))
        {
            return Problems.Validation(("cursor", "is not one of ours"));
        }

        return TypedResults.Ok(await fleet.ListAsync(cursor is null ? null : after, limit ?? RequestRules.DefaultPageSize, cancellationToken));
    }

    private static async Task<Results<Ok<AgentResponse>, ProblemHttpResult>> GetAsync(Guid uid, FleetStore fleet, CancellationToken cancellationToken) =>
        await fleet.FindAsync(uid, cancellationToken) is { } agent ? TypedResults.Ok(agent) : Problems.NotFound($"There is no agent '{uid}'.");
}
