using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Integrity.Scrubs;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Scrubs of the archive, and proofs of what is in it. What is of another tenant than the token's does not exist for its bearer.</summary>
internal static class IntegrityApi
{
    private const string Route = "/api/v1/archive";
    private const int MaxPage = 200;
    private const int MaxKey = 512;

    public static RouteGroupBuilder MapIntegrityApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Route).WithTags("Archive integrity");
        group.MapPost("scrubs", StartAsync).RequireScope(KnownScopes.CapturesCreate).WithName("StartScrub").WithSummary("Reads the archive, or a tenant's part, and compares it with what answers for it");
        group.MapGet("scrubs", ListAsync).RequireScope(KnownScopes.CapturesRead).WithName("ListScrubs").WithSummary("Scrubs, newest first");
        group.MapGet("scrubs/{id}", GetAsync).RequireScope(KnownScopes.CapturesRead).WithName("GetScrub").WithSummary("One scrub, as far as it is");
        group.MapGet("proofs", ProveAsync).RequireScope(KnownScopes.CapturesRead).WithName("ProveChunk").WithSummary("The inclusion proof of a chunk, by the newest root of its day");
        return group;
    }

    private static async Task<Results<Created<ScrubResponse>, ProblemHttpResult>> StartAsync(
        StartScrubRequest request, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, ClaimsPrincipal user, ScrubStore scrubs, CancellationToken cancellationToken)
    {
        if (request.From > request.To)
        {
            return Problems.Validation(("to", "must not be before from"));
        }

        if (Idempotency.FaultsOf(idempotencyKey).ToList() is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        var scoped = request with { Tenant = request.Tenant ?? user.BoundTenant() };
        if (scoped.Tenant is { } tenant && !user.MayAccess(tenant))
        {
            return Problems.TenantNotAllowed(tenant);
        }

        return await scrubs.AddAsync(scoped, user.Actor(), idempotencyKey, cancellationToken) is { } scrub
            ? TypedResults.Created($"{Route}/scrubs/{scrub.Id}", scrub)
            : Problems.IdempotencyMismatch();
    }

    private static async Task<Results<Ok<Page<ScrubResponse>>, ProblemHttpResult>> ListAsync(
        TenantId? tenant, string? cursor, int? limit, ClaimsPrincipal user, ScrubStore scrubs, CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(user, tenant, limit, MaxPage) is { } problem)
        {
            return problem;
        }

        var size = limit ?? 20;
        var found = await scrubs.ListAsync(tenant ?? user.BoundTenant(), cursor, size + 1, cancellationToken);
        return TypedResults.Ok(new Page<ScrubResponse>([.. found.Take(size)], found.Count > size ? found[size - 1].Id : null));
    }

    private static async Task<Results<Ok<ScrubResponse>, ProblemHttpResult>> GetAsync(string id, ClaimsPrincipal user, ScrubStore scrubs, CancellationToken cancellationToken) =>
        await scrubs.FindAsync(id, cancellationToken) is { } row && (row.Scope.Tenant is { } tenant ? user.MayAccess(tenant) : user.BoundTenant() is null)
            ? TypedResults.Ok(row.ToResponse())
            : Problems.NotFound($"There is no scrub '{id}'.");

    private static async Task<Results<FileContentHttpResult, ProblemHttpResult>> ProveAsync(
        string key, ClaimsPrincipal user, IObjectStore store, SigningIdentity identity, CancellationToken cancellationToken)
    {
        if (key.Length > MaxKey || !key.StartsWith(ArchiveLayout.Root, StringComparison.Ordinal) || !ObjectKey.IsValid(key))
        {
            return Problems.Validation(("key", $"must be a key of the archive: {ArchiveLayout.Root}<tenant>/<signal>/..."));
        }

        var name = key[ArchiveLayout.Root.Length..].Split('/')[0];
        if (!TenantId.TryParse(name, out var tenant) || !user.MayAccess(tenant))
        {
            return Problems.NotFound($"The archive has no chunk '{key}'.");
        }

        try
        {
            return TypedResults.Bytes((await new ProofFinder(store, identity.Trust).FindAsync(key, cancellationToken)).ToJson(), "application/json");
        }
        catch (ProofNotFoundException e)
        {
            return Problems.NotFound(e.Message);
        }
        catch (ArchiveDamagedException e)
        {
            return Problems.Conflict($"{e.Message}. Scrub the archive for more.");
        }
    }
}
