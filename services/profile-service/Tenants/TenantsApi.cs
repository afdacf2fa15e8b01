using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.Tenants;

internal static class TenantsApi
{
    public static RouteGroupBuilder MapTenantsApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/tenants").WithTags("Tenants");
        group.MapPost("/", AddAsync).RequireScope(KnownScopes.Admin).WithName("AddTenant").WithSummary("Registers a tenant");
        group.MapGet("/", ListAsync).RequireScope(KnownScopes.ProfilesRead).WithName("ListTenants").WithSummary("Lists the tenants that the token is good for");
        group.MapPost("/{tenant}/disable", DisableAsync).RequireScope(KnownScopes.Admin).WithName("DisableTenant").WithSummary("Refuses a tenant's telemetry from now on");
        group.MapPost("/{tenant}/enable", EnableAsync).RequireScope(KnownScopes.Admin).WithName("EnableTenant").WithSummary("Takes a tenant's telemetry again");
        return group;
    }

    private static async Task<Results<Created<TenantResponse>, ProblemHttpResult>> AddAsync(
        AddTenantRequest request, HttpContext http, TenantStore tenants, [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey, CancellationToken cancellationToken)
    {
        if (!http.User.MayAccess(request.Tenant))
        {
            return Problems.TenantNotAllowed(request.Tenant);
        }

        if (RequestRules.FaultsOf(request, idempotencyKey) is { Count: > 0 } faults)
        {
            return Problems.Validation(faults);
        }

        var (outcome, tenant) = await tenants.AddAsync(request, http.User.Actor(), idempotencyKey, cancellationToken);
        return outcome switch
        {
            AddOutcome.Exists => Problems.Conflict($"Tenant '{request.Tenant}' exists."),
            AddOutcome.KeyReused => Problems.IdempotencyMismatch(),
            _ => TypedResults.Created($"/api/v1/tenants/{tenant!.Tenant}", tenant),
        };
    }

    private static async Task<Results<Ok<Page<TenantResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext http, TenantStore tenants, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > RequestRules.MaxPageSize)
        {
            return Problems.Validation(("limit", $"must be 1 to {RequestRules.MaxPageSize}"));
        }

        return TypedResults.Ok(await tenants.ListAsync(http.User.BoundTenant(), cursor, limit ?? RequestRules.DefaultPageSize, cancellationToken));
    }

    private static Task<Results<Ok<TenantResponse>, ProblemHttpResult>> DisableAsync(TenantId tenant, HttpContext http, TenantStore tenants, CancellationToken cancellationToken) =>
        SetDisabledAsync(tenant, disabled: true, http, tenants, cancellationToken);

    private static Task<Results<Ok<TenantResponse>, ProblemHttpResult>> EnableAsync(TenantId tenant, HttpContext http, TenantStore tenants, CancellationToken cancellationToken) =>
        SetDisabledAsync(tenant, disabled: false, http, tenants, cancellationToken);

    private static async Task<Results<Ok<TenantResponse>, ProblemHttpResult>> SetDisabledAsync(
        TenantId tenant, bool disabled, HttpContext http, TenantStore tenants, CancellationToken cancellationToken)
    {
        if (!http.User.MayAccess(tenant))
        {
            return Problems.TenantNotAllowed(tenant);
        }

        return await tenants.SetDisabledAsync(tenant, disabled, http.User.Actor(), cancellationToken) is { } changed
            ? TypedResults.Ok(changed)
            : Problems.NotFound($"There is no tenant '{tenant}'.");
    }
}
