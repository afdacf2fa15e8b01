using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.IngestGateway.Admin;

/// <summary>What stores refused for good.</summary>
internal static class DeadLettersApi
{
    private const int UsualLimit = 100;
    private const int MaxLimit = 1000;

    public static RouteGroupBuilder MapDeadLettersApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/gateways/self/dead-letters").WithTags("Dead letters");
        group.MapGet("/", GetLetters).RequireScope(KnownScopes.TelemetryRead).WithName("ListDeadLetters").WithSummary("List what stores refused for good, and why");
        group.MapPost("/resend", Resend).RequireScope(KnownScopes.ReplayWrite).WithName("ResendDeadLetters").WithSummary("Send dead letters again; what is taken is removed");
        return group;
    }

    private static Results<Ok<Page<DeadLetterResponse>>, ProblemHttpResult> GetLetters(
        ClaimsPrincipal user,
        [FromServices] DeadLetterDesk desk,
        string? tenant,
        string? exporter,
        string? cursor,
        int? limit,
        CancellationToken cancellationToken)
    {
        if (TenantFilter.FaultOf(user, tenant, out var wanted) is { } fault)
        {
            return fault;
        }

        if (limit is < 1 or > MaxLimit)
        {
            return Problems.Validation(("limit", $"a number from 1 to {MaxLimit}"));
        }

        var count = limit ?? UsualLimit;
        var found = desk.List(wanted, exporter, cursor, count + 1);
        return TypedResults.Ok(found.Count > count
            ? new Page<DeadLetterResponse>([.. found.Take(count)], found[count - 1].Id)
            : new Page<DeadLetterResponse>(found, null));
    }

    private static async Task<Results<Ok<ResendDeadLettersResponse>, ProblemHttpResult>> Resend(
        ClaimsPrincipal user, [FromServices] DeadLetterDesk desk, ResendDeadLettersRequest request, CancellationToken cancellationToken)
    {
        if (request.Ids is not { Count: > 0 and <= MaxLimit })
        {
            return Problems.Validation(("ids", $"1 to {MaxLimit} ids"));
        }

        var results = new List<DeadLetterResend>(request.Ids.Count);
        foreach (var id in request.Ids)
        {
            // Another tenant's is as good as none.
            results.Add(desk.Find(id) is { } letter && user.MayAccess(letter.Tenant)
                ? await desk.ResendAsync(id, user.Actor(), cancellationToken)
                : new DeadLetterResend(id, DeadLetterOutcome.Gone, 0, null));
        }

        return TypedResults.Ok(new ResendDeadLettersResponse(results));
    }
}
