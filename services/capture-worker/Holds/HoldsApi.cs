using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.CaptureWorker.Holds;

/// <summary>What must not be deleted. A hold of a tenant that the token is not good for does not exist for its bearer.</summary>
internal static class HoldsApi
{
    private const string Route = "/api/v1/holds";
    private const int MaxPage = 200;

    public static RouteGroupBuilder MapHoldsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Route).WithTags("Holds");
        group.MapPost("", AddAsync).RequireScope(KnownScopes.CapturesCreate).WithName("AddHold").WithSummary("Keeps a tenant's window from being deleted, and copies what recorders still hold of it to the archive");
        group.MapGet("", ListAsync).RequireScope(KnownScopes.CapturesRead).WithName("ListHolds").WithSummary("Holds, newest first");
        group.MapGet("{id}", GetAsync).RequireScope(KnownScopes.CapturesRead).WithName("GetHold").WithSummary("One hold");
        group.MapPost("{id}/close", CloseAsync).RequireScope(KnownScopes.CapturesCreate).WithName("CloseHold").WithSummary("Ends the window of a hold that was still growing");
        group.MapPost("{id}/release", ReleaseAsync).RequireScope(KnownScopes.CapturesCreate).WithName("ReleaseHold").WithSummary("Lets what a hold covers be deleted again");
        return group;
    }

    private static async Task<Results<Created<HoldResponse>, ProblemHttpResult>> AddAsync(
        CreateHoldRequest request, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, ClaimsPrincipal user, HoldStore holds, TimeProvider time, CancellationToken cancellationToken)
    {
        if (HoldRules.FaultsOf(request, idempotencyKey, time.GetUtcNow()).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        if (!user.MayAccess(request.Tenant))
        {
            return Problems.TenantNotAllowed(request.Tenant);
        }

        return await holds.AddAsync(request, user.Actor(), idempotencyKey, cancellationToken) is { } hold
            ? TypedResults.Created($"{Route}/{hold.Id}", hold)
            : Problems.IdempotencyMismatch();
    }

    private static async Task<Results<Ok<Page<HoldResponse>>, ProblemHttpResult>> ListAsync(
        TenantId? tenant, string? incident, bool? active, string? cursor, int? limit, ClaimsPrincipal user, HoldStore holds, CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(user, tenant, limit, MaxPage) is { } problem)
        {
            return problem;
        }

        var size = limit ?? 50;
        var found = await holds.ListAsync(tenant ?? user.BoundTenant(), incident, active ?? false, cursor, size + 1, cancellationToken);
        return TypedResults.Ok(new Page<HoldResponse>([.. found.Take(size)], found.Count > size ? found[size - 1].Id : null));
    }

    private static async Task<Results<Ok<HoldResponse>, ProblemHttpResult>> GetAsync(string id, ClaimsPrincipal user, HoldStore holds, CancellationToken cancellationToken) =>
        await holds.FindAsync(id, cancellationToken) is { } hold && user.MayAccess(hold.Tenant) ? TypedResults.Ok(hold) : NoSuch(id);

    private static async Task<Results<Ok<HoldResponse>, ProblemHttpResult>> CloseAsync(
        string id, CloseHoldRequest request, ClaimsPrincipal user, HoldStore holds, CancellationToken cancellationToken) =>
        await holds.CloseAsync(id, user.MayAccess, request.To, user.Actor(), cancellationToken) is { } hold ? TypedResults.Ok(hold) : NoSuch(id);

    private static async Task<Results<Ok<HoldResponse>, ProblemHttpResult>> ReleaseAsync(
        string id, ReleaseHoldRequest request, ClaimsPrincipal user, HoldStore holds, CancellationToken cancellationToken)
    {
        if (HoldRules.FaultsOfReason(request.Reason).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        return await holds.ReleaseAsync(id, user.MayAccess, request.Reason, user.Actor(), cancellationToken) is { } hold ? TypedResults.Ok(hold) : NoSuch(id);
    }

    private static ProblemHttpResult NoSuch(string id) => Problems.NotFound($"There is no hold '{id}'.");
}
