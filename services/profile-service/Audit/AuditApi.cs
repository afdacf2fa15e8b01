using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.Audit;

internal static class AuditApi
{
    public static RouteGroupBuilder MapAuditApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/audit").WithTags("Audit");
        group.MapGet("/", ListAsync).RequireScope(KnownScopes.AuditRead).WithName("ListAudit").WithSummary("What anyone did, newest first");
        group.MapGet("/verify", VerifyAsync).RequireScope(KnownScopes.AuditRead).WithName("VerifyAudit").WithSummary("Recomputes the chain of hashes");
        return group;
    }

    private static async Task<Results<Ok<Page<AuditEntryResponse>>, ProblemHttpResult>> ListAsync(
        HttpContext http, AuditReader audit, TenantId? tenant, string? target, DateTimeOffset? from, DateTimeOffset? to, string? cursor, int? limit, CancellationToken cancellationToken)
    {
        var faults = new List<(string Field, string Message)>();
        long? before = null;
        if (cursor is not null)
        {
            if (long.TryParse(cursor, NumberStyles.None, CultureInfo.InvariantCulture, out var sequence))
            {
                before = sequence;
            }
            else
            {
                faults.Add(("cursor", "is not one of ours"));
            }
        }

        if (limit is < 1 or > RequestRules.MaxPageSize)
        {
            faults.Add(("limit", $"must be 1 to {RequestRules.MaxPageSize}"));
        }

        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (tenant is { } asked && !http.User.MayAccess(asked))
        {
            return Problems.TenantNotAllowed(asked);
        }

        var size = limit ?? RequestRules.DefaultPageSize;
        var rows = await audit.ListAsync((tenant ?? http.User.BoundTenant())?.Value, target, from, to, before, size + 1, cancellationToken);
        return TypedResults.Ok(rows.Count > size
            ? new Page<AuditEntryResponse>([.. rows.Take(size)], rows[size - 1].Sequence.ToString(CultureInfo.InvariantCulture))
            : new Page<AuditEntryResponse>(rows, null));
    }

    private static async Task<Results<Ok<AuditVerificationResponse>, ProblemHttpResult>> VerifyAsync(HttpContext http, AuditReader audit, CancellationToken cancellationToken) =>
        http.User.BoundTenant() is null
            ? TypedResults.Ok(await audit.VerifyAsync(cancellationToken))
            : Problems.AllTenantsNeeded();
}
