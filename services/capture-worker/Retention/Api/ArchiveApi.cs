using System.Security.Claims;
using Microsoft.AspNetCore.Http.HttpResults;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Api;

/// <summary>What the archive holds and what will go. Nothing here changes anything.</summary>
internal static class ArchiveApi
{
    private const string Route = "/api/v1/archive";
    private const int MaxTenants = 200;
    private const int MaxRows = 1000;

    public static RouteGroupBuilder MapArchiveApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Route).WithTags("Archive");
        group.MapGet("usage", UsageAsync).RequireScope(KnownScopes.TelemetryRead).WithName("GetArchiveUsage").WithSummary("What tenants have in the archive, by signal, tier and temperature");
        group.MapGet("plan", PlanAsync).RequireScope(KnownScopes.TelemetryRead).WithName("GetArchivePlan").WithSummary("What will go from the archive, when and why, and what holds keep");
        return group;
    }

    /// <param name="cursor">The last tenant of the page before.</param>
    /// <param name="limit">Tenants of a page.</param>
    private static async Task<Results<Ok<Page<ArchiveUsageRow>>, ProblemHttpResult>> UsageAsync(
        TenantId? tenant, string? cursor, int? limit, ClaimsPrincipal user, IObjectStore store, ArchiveUsageReader reader, CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(user, tenant, limit, MaxTenants) is { } problem)
        {
            return problem;
        }

        var tenants = (await TenantsAsync(tenant, user, store, cancellationToken)).Where(t => cursor is null || string.CompareOrdinal(t.Value, cursor) > 0).ToList();
        var size = limit ?? 20;
        var rows = new List<ArchiveUsageRow>();
        foreach (var of in tenants.Take(size))
        {
            rows.AddRange(await reader.ReadAsync(of, cancellationToken));
        }

        return TypedResults.Ok(new Page<ArchiveUsageRow>(rows, tenants.Count > size ? tenants[size - 1].Value : null));
    }

    /// <param name="until">What goes by then is told; now, when it is left out.</param>
    /// <param name="chunks">A row for each chunk.</param>
    private static async Task<Results<Ok<ArchivePlanResponse>, ProblemHttpResult>> PlanAsync(
        TenantId? tenant,
        DateTimeOffset? until,
        bool? chunks,
        string? cursor,
        int? limit,
        ClaimsPrincipal user,
        ArchivePlanServices services,
        CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(user, tenant, limit, MaxRows) is { } problem)
        {
            return problem;
        }

        var now = services.Time.GetUtcNow();
        if (until < now.AddMinutes(-1) || until > UnixNano.LastDay)
        {
            return Problems.Validation(("until", "must not be past, nor after 2262"));
        }

        var start = new PlanCursor(UnixNano.Of(now), UnixNano.Of(until > now ? until.Value : now), TenantId.Parse("0"), 0, 0);
        if (cursor is not null && !PlanCursor.TryParse(cursor, out start))
        {
            return Problems.Validation(("cursor", "is not one that this API gave"));
        }

        var left = cursor is null ? await services.Left.ListAsync(tenant ?? user.BoundTenant(), ArchivePlanResponse.MaxLeft, cancellationToken) : [];
        var answer = new ArchivePlanResponse(UnixNano.ToTime(start.AsOf), UnixNano.ToTime(start.Until), services.Policy.Current?.Profile, services.Policy.Fault, [], null, left);
        if (services.Policy.Current is not { } policy)
        {
            return TypedResults.Ok(answer);
        }

        var tenants = await TenantsAsync(tenant, user, services.Store, cancellationToken);
        var page = await services.Reader.ReadAsync(policy, tenants, start, chunks ?? false, limit ?? 200, cancellationToken);
        return TypedResults.Ok(answer with { Items = page.Rows, NextCursor = page.Next?.ToString(), Left = [.. left.Concat(page.Unreadable).DistinctBy(c => c.Key).Take(ArchivePlanResponse.MaxLeft)] });
    }

    private static async Task<IReadOnlyList<TenantId>> TenantsAsync(TenantId? asked, ClaimsPrincipal user, IObjectStore store, CancellationToken cancellationToken) =>
        (asked ?? user.BoundTenant()) is { } one ? [one] : StoredSums.TenantsOf(await StoredSums.ListAsync(store, cancellationToken));
}
