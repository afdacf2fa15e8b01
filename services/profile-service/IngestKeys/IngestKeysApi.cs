using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ProfileService.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.IngestKeys;

internal static class IngestKeysApi
{
    public static RouteGroupBuilder MapIngestKeysApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1").WithTags("Ingest keys");
        group.MapPost("/tenants/{tenant}/ingest-keys", AddAsync).RequireScope(KnownScopes.Admin).WithName("NewIngestKey").WithSummary("Makes an ingest key; its secret is in this answer only");
        group.MapGet("/tenants/{tenant}/ingest-keys", ListAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListIngestKeys").WithSummary("Lists a tenant's ingest keys, without secrets");
        group.MapPost("/ingest-keys/{keyId}/revoke", RevokeAsync).RequireScope(KnownScopes.Admin).WithName("RevokeIngestKey").WithSummary("Revokes an ingest key for good");
        return group;
    }

    private static async Task<Results<Created<NewIngestKeyResponse>, ProblemHttpResult>> AddAsync(
        TenantId tenant, NewIngestKeyRequest request, HttpContext http, IngestKeyStore keys, TimeProvider time, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (!http.User.MayAccess(tenant))
        {
            return Problems.TenantNotAllowed(tenant);
        }

        if (RequestRules.FaultsOf(request, idempotencyKey, time.GetUtcNow()) is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        var (outcome, key, earlier) = await keys.AddAsync(tenant, request, http.User.Actor(), idempotencyKey, cancellationToken);
        return outcome switch
        {
            AddOutcome.NoTenant => Problems.NotFound($"There is no tenant '{tenant}'."),
            AddOutcome.ReplayTarget => Problems.Conflict($"Tenant '{tenant}' is a replay target: gateways take replays into it and nothing that a sender would need a key for."),
            AddOutcome.KeyReused => Problems.IdempotencyMismatch(),
            AddOutcome.Exists => Problems.Conflict($"This request made key '{earlier}' before. Its secret is shown once only: revoke that key and make another with a new Idempotency-Key."),
            _ => TypedResults.Created($"/api/v1/tenants/{tenant}/ingest-keys", key!),
        };
    }

    private static async Task<Results<Ok<Page<IngestKeyResponse>>, ProblemHttpResult>> ListAsync(
        TenantId tenant, HttpContext http, IngestKeyStore keys, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (!http.User.MayAccess(tenant))
        {
            return Problems.TenantNotAllowed(tenant);
        }

        if (limit is < 1 or > RequestRules.MaxPageSize)
        {
            return Problems.Validation(("limit", $"must be 1 to {RequestRules.MaxPageSize}"));
        }

        return TypedResults.Ok(await keys.ListAsync(tenant, cursor, limit ?? RequestRules.DefaultPageSize, cancellationToken));
    }

    private static async Task<Results<Ok<IngestKeyResponse>, ProblemHttpResult>> RevokeAsync(string keyId, HttpContext http, IngestKeyStore keys, CancellationToken cancellationToken)
    {
        // Another tenant's key does not exist for this caller: the answer must not tell that it does.
        var key = await keys.FindAsync(keyId, cancellationToken);
        return key is null || !http.User.MayAccess(key.Tenant) || await keys.RevokeAsync(key, http.User.Actor(), cancellationToken) is not { } revoked
            ? Problems.NotFound($"There is no ingest key '{keyId}'.")
            : TypedResults.Ok(revoked);
    }
}
