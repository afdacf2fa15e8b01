using System.Globalization;
using System.Security.Claims;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Auth;
using StellaOps.Telemetry.ServiceDefaults.Database;
using StellaOps.Telemetry.ServiceDefaults.Http;

namespace StellaOps.Telemetry.CaptureWorker.Api;

/// <summary>Capture jobs and their bundles. A job of a tenant that the token is not good for does not exist for its bearer.</summary>
internal static class CaptureApi
{
    private const string Route = "/api/v1/captures";
    private const int MaxPage = 200;

    public static RouteGroupBuilder MapCaptureApiV1(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(Route).WithTags("Captures");
        group.MapPost("", CreateAsync).RequireScope(KnownScopes.CapturesCreate).WithName("CreateCapture").WithSummary("Captures a tenant's window as a forensic bundle");
        group.MapGet("", ListAsync).RequireScope(KnownScopes.CapturesRead).WithName("ListCaptures").WithSummary("Capture jobs, newest first");
        group.MapGet("{id}", GetAsync).RequireScope(KnownScopes.CapturesRead).WithName("GetCapture").WithSummary("One capture job");
        group.MapPost("{id}/cancel", CancelAsync).RequireScope(KnownScopes.CapturesCreate).WithName("CancelCapture").WithSummary("Ends a capture that has not ended");
        group.MapGet("{id}/events", FollowAsync).RequireScope(KnownScopes.CapturesRead).WithName("FollowCapture").WithSummary("One capture job as server-sent events, until it ends")
            .Produces<CaptureResponse>(StatusCodes.Status200OK, CaptureEventStream.ContentType)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("{id}/files/{name}", GetFileAsync).RequireScope(KnownScopes.CapturesExport).WithName("GetCaptureFile").WithSummary("One file of a finished bundle");
        return group;
    }

    private static async Task<Results<Created<CaptureResponse>, ProblemHttpResult>> CreateAsync(
        CreateCaptureRequest request,
        [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey,
        ClaimsPrincipal user,
        CaptureServices services,
        CancellationToken cancellationToken)
    {
        List<(string Field, string Message)> faults = [.. CreateCaptureRules.Check(request, services.Options, services.Time.GetUtcNow()), .. Idempotency.FaultsOf(idempotencyKey)];
        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (!user.MayAccess(request.Tenant))
        {
            return Problems.TenantNotAllowed(request.Tenant);
        }

        request = request with { TraceId = request.TraceId?.ToLowerInvariant() };
        await using var connection = await services.Database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var claim = await services.Idempotency.ClaimAsync(
            transaction, user.Actor(), idempotencyKey, Idempotency.HashOf(Route, request, ContractsJson.Default.CreateCaptureRequest), NewId(), cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return Problems.IdempotencyMismatch();
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            return await services.Jobs.FindAsync(claim.ResourceId, cancellationToken) is { } earlier
                ? TypedResults.Created($"{Route}/{earlier.Id}", earlier.ToResponse())
                : Problems.NotFound($"Capture '{claim.ResourceId}' is gone.");
        }

        var job = await CaptureJobStore.AddAsync(transaction, claim.ResourceId, request, user.Actor(), services.Time.GetUtcNow(), cancellationToken);

        // From here on retention leaves the window alone until the job is done.
        await RemovalGate.ProtectAsync(transaction, request.Tenant.Value, job.FromUnixNano, job.ToUnixNano, [.. job.Services], services.Time, cancellationToken);
        var detail = JsonSerializer.Serialize(request, ContractsJson.Default.CreateCaptureRequest);
        await services.Audit.AppendAsync(transaction, new AuditEntry(user.Actor(), "capture.create", request.Tenant.Value, job.Id, detail), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.Created($"{Route}/{job.Id}", job.ToResponse());
    }

    private static async Task<Results<Ok<Page<CaptureResponse>>, ProblemHttpResult>> ListAsync(
        TenantId? tenant, string? cursor, int? limit, ClaimsPrincipal user, CaptureJobStore jobs, CancellationToken cancellationToken)
    {
        if (ListRules.ProblemOf(user, tenant, limit, MaxPage) is { } problem)
        {
            return problem;
        }

        (DateTimeOffset, string)? before = null;
        if (cursor is not null)
        {
            if (!CaptureCursor.TryParse(cursor, out var position))
            {
                return Problems.Validation(("cursor", "is not one that this API gave"));
            }

            before = position;
        }

        var size = limit ?? 50;
        var found = await jobs.ListAsync(tenant ?? user.BoundTenant(), before, size + 1, cancellationToken);
        return TypedResults.Ok(new Page<CaptureResponse>(
            [.. found.Take(size).Select(j => j.ToResponse())],
            found.Count > size ? CaptureCursor.Of(found[size - 1]) : null));
    }

    private static async Task<Results<Ok<CaptureResponse>, ProblemHttpResult>> GetAsync(string id, ClaimsPrincipal user, CaptureJobStore jobs, CancellationToken cancellationToken) =>
        await FindAsync(id, user, jobs, cancellationToken) is { } job ? TypedResults.Ok(job.ToResponse()) : NoSuch(id);

    private static async Task<Results<Ok<CaptureResponse>, ProblemHttpResult>> CancelAsync(string id, ClaimsPrincipal user, CaptureServices services, CancellationToken cancellationToken)
    {
        if (await FindAsync(id, user, services.Jobs, cancellationToken) is not { } job)
        {
            return NoSuch(id);
        }

        await using var connection = await services.Database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await CaptureJobStore.CancelAsync(transaction, id, user.Actor(), cancellationToken) is { } cancelled)
        {
            await services.Audit.AppendAsync(transaction, new AuditEntry(user.Actor(), "capture.cancel", job.Tenant.Value, id, null), cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return TypedResults.Ok(cancelled.ToResponse());
        }

        // Asked twice is asked once.
        return await services.Jobs.FindAsync(id, cancellationToken) is { State: CaptureState.Cancelled } before
            ? TypedResults.Ok(before.ToResponse())
            : Problems.Conflict($"The capture '{id}' has ended already.");
    }

    private static async Task<IResult> FollowAsync(
        string id,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        ClaimsPrincipal user,
        CaptureServices services,
        EventClients clients,
        HttpResponse response,
        CancellationToken cancellationToken)
    {
        var known = 0L;
        if (lastEventId is { Length: > 0 } && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out known))
        {
            return Problems.Validation(("Last-Event-ID", "is not one that this API gave"));
        }

        if (await FindAsync(id, user, services.Jobs, cancellationToken) is not { } job)
        {
            return NoSuch(id);
        }

        if (clients.TryEnter() is { } place)
        {
            return new CaptureEventStream(job, known, services.Jobs, place, services.Time);
        }

        response.Headers.RetryAfter = "5";
        return Problems.Unavailable($"{services.Options.MaxEventClients} clients follow captures already: ask for GET {Route}/{id} now and then instead.");
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetFileAsync(
        string id, string name, ClaimsPrincipal user, CaptureServices services, CancellationToken cancellationToken)
    {
        // Only a name that the job lists is served, so nothing that a caller writes becomes part of a path.
        if (await FindAsync(id, user, services.Jobs, cancellationToken) is not { } job
            || job.Files.FirstOrDefault(f => f.Name == name) is not { } file
            || services.Bundles.FindFile(job.Id, file.Name) is not { } path)
        {
            return Problems.NotFound($"There is no file '{name}' of a capture '{id}'.");
        }

        await using var connection = await services.Database.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var detail = JsonSerializer.Serialize(file, ContractsJson.Default.CaptureFile);
        await services.Audit.AppendAsync(transaction, new AuditEntry(user.Actor(), "capture.export", job.Tenant.Value, job.Id, detail), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.PhysicalFile(path, "application/octet-stream", file.Name, enableRangeProcessing: true);
    }

    private static async Task<CaptureJob?> FindAsync(string id, ClaimsPrincipal user, CaptureJobStore jobs, CancellationToken cancellationToken) =>
        await jobs.FindAsync(id, cancellationToken) is { } job && user.MayAccess(job.Tenant) ? job : null;

    private static ProblemHttpResult NoSuch(string id) => Problems.NotFound($"There is no capture '{id}'.");

    private static string NewId() => "cap-" + Guid.CreateVersion7().ToString("n");
}
