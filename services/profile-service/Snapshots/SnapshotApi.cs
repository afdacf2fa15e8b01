using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.ProfileService.Snapshots;

internal static class SnapshotApi
{
    private const int MaxWaitSeconds = 30;

    public static RouteGroupBuilder MapSnapshotApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/gateways").WithTags("Gateways");
        group.MapGet("/snapshot", GetAsync)
            .RequireScope(KnownScopes.FleetAgent)
            .WithName("GetGatewaySnapshot")
            .WithSummary("Tenants and ingest keys as a signed envelope; with If-None-Match and waitSeconds it answers at the next change");
        return group;
    }

    private static async Task<Results<FileContentHttpResult, StatusCodeHttpResult, ProblemHttpResult>> GetAsync(
        HttpContext http, SnapshotStore snapshots, SnapshotChanges changes, IHostApplicationLifetime lifetime, TimeProvider time, [FromHeader(Name = "If-None-Match")] string? known, int? waitSeconds, CancellationToken cancellationToken)
    {
        // It names every tenant, so it is for agents of the whole fleet only.
        if (http.User.BoundTenant() is not null)
        {
            return Problems.AllTenantsNeeded();
        }

        if (waitSeconds is < 0 or > MaxWaitSeconds)
        {
            return Problems.Validation(("waitSeconds", $"must be 0 to {MaxWaitSeconds}"));
        }

        // The wait begins before the read: a change between the two ends it at once.
        var next = changes.NextAsync();
        var snapshot = await snapshots.ReadAsync(cancellationToken);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(waitSeconds ?? 0), time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, lifetime.ApplicationStopping, cancellationToken);
        while (snapshot.ETag == known)
        {
            try
            {
                await next.WaitAsync(either.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                http.Response.Headers.ETag = snapshot.ETag;
                return TypedResults.StatusCode(StatusCodes.Status304NotModified);
            }

            next = changes.NextAsync();
            snapshot = await snapshots.ReadAsync(cancellationToken);
        }

        http.Response.Headers.ETag = snapshot.ETag;
        return TypedResults.Bytes(snapshot.Envelope, "application/json");
    }
}
