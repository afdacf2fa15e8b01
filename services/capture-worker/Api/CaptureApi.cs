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

    public static RouteGroupBuilder MapCaptureApiV1(this IEndpointRouteBuilder app)
    {
        var group = app.MapGroup(Route).WithTags("Captures");
        group.MapPost("", Create).RequireScope(KnownScopes.CapturesCreate).WithName("CreateCapture").WithSummary("Captures a tenant's window as a forensic bundle");
        group.MapGet("", List).RequireScope(KnownScopes.CapturesRead).WithName("ListCaptures").WithSummary("Capture jobs, newest first");
        group.MapGet("{id}", Get).RequireScope(KnownScopes.CapturesRead).WithName("GetCapture").WithSummary("One capture job");
        group.MapPost("{id}/cancel", Cancel).RequireScope(KnownScopes.CapturesCreate).WithName("CancelCapture").WithSummary("Ends a capture that has not ended");
        group.MapGet("{id}/events", Follow).RequireScope(KnownScopes.CapturesRead).WithName("FollowCapture").WithSummary("One capture job as server-sent events, until it ends")
            .Produces<CaptureResponse>(StatusCodes.Status200OK, CaptureEventStream.ContentType)
            .ProducesProblem(StatusCodes.Status404NotFound)
            .ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        group.MapGet("{id}/files/{name}", GetFile).RequireScope(KnownScopes.CapturesExport).WithName("GetCaptureFile").WithSummary("One file of a finished bundle");
        return group;
    }

    private static async Task<Results<Created<CaptureResponse>, ProblemHttpResult>> Create(
        CreateCaptureRequest body,
        [FromHeader(Name = KnownHeaders.IdempotencyKey)] string? idempotencyKey,
        ClaimsPrincipal user,
        CaptureServices services,
        CancellationToken ct)
    {
        var faults = CreateCaptureRules.Check(body, services.Options, services.Time.GetUtcNow()).ToList();
        if (idempotencyKey?.Length > Idempotency.MaxKeyLength)
        {
            faults.Add((KnownHeaders.IdempotencyKey, $"is longer than {Idempotency.MaxKeyLength} characters"));
        }

        if (faults.Count > 0)
        {
            return Problems.Validation(faults);
        }

        if (!user.MayAccess(body.Tenant))
        {
            return Problems.TenantNotAllowed(body.Tenant);
        }

        var request = body with { TraceId = body.TraceId?.ToLowerInvariant() };
        await using var connection = await services.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var claim = await services.Idempotency.ClaimAsync(
            transaction, user.Actor(), idempotencyKey, Idempotency.HashOf(Route, request, ContractsJson.Default.CreateCaptureRequest), NewId(), ct);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return Problems.IdempotencyMismatch();
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            return await services.Jobs.FindAsync(claim.ResourceId, ct) is { } earlier
                ? TypedResults.Created($"{Route}/{earlier.Id}", earlier.ToResponse())
                : Problems.NotFound($"Capture '{claim.ResourceId}' is gone.");
        }

        var job = await CaptureJobStore.AddAsync(transaction, claim.ResourceId, request, user.Actor(), services.Time.GetUtcNow(), ct);

        // From here on retention leaves the window alone until the job is done.
        await RemovalGate.ProtectAsync(transaction, request.Tenant.Value, job.FromUnixNano, job.ToUnixNano, [.. job.Services], services.Time, ct);
        var detail = JsonSerializer.Serialize(request, ContractsJson.Default.CreateCaptureRequest);
        await services.Audit.AppendAsync(transaction, new AuditEntry(user.Actor(), "capture.create", request.Tenant.Value, job.Id, detail), ct);
        await transaction.CommitAsync(ct);
        return TypedResults.Created($"{Route}/{job.Id}", job.ToResponse());
    }

    private static async Task<Results<Ok<Page<CaptureResponse>>, ProblemHttpResult>> List(
        string? tenant, string? cursor, int? limit, ClaimsPrincipal user, CaptureJobStore jobs, CancellationToken ct)
    {
        TenantId? wanted = null;
        if (tenant is not null)
        {
            if (!TenantId.TryParse(tenant, out var parsed))
            {
                return Problems.Validation(("tenant", "is not a tenant name"));
            }

            if (!user.MayAccess(parsed))
            {
                return Problems.TenantNotAllowed(parsed);
            }

            wanted = parsed;
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

        if (limit is < 1 or > MaxPage)
        {
            return Problems.Validation(("limit", $"is not 1 to {MaxPage}"));
        }

        var size = limit ?? 50;
        var found = await jobs.ListAsync(wanted ?? user.BoundTenant(), before, size + 1, ct);
        return TypedResults.Ok(new Page<CaptureResponse>(
            [.. found.Take(size).Select(j => j.ToResponse())],
            found.Count > size ? CaptureCursor.Of(found[size - 1]) : null));
    }

    private static async Task<Results<Ok<CaptureResponse>, ProblemHttpResult>> Get(string id, ClaimsPrincipal user, CaptureJobStore jobs, CancellationToken ct) =>
        await FindAsync(id, user, jobs, ct) is { } job ? TypedResults.Ok(job.ToResponse()) : Problems.NotFound($"There is no capture '{id}'.");

    private static async Task<Results<Ok<CaptureResponse>, ProblemHttpResult>> Cancel(string id, ClaimsPrincipal user, CaptureServices services, CancellationToken ct)
    {
        if (await FindAsync(id, user, services.Jobs, ct) is not { } job)
        {
            return Problems.NotFound($"There is no capture '{id}'.");
        }

        await using var connection = await services.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        if (await CaptureJobStore.CancelAsync(transaction, id, user.Actor(), ct) is { } cancelled)
        {
            await services.Audit.AppendAsync(transaction, new AuditEntry(user.Actor(), "capture.cancel", job.Tenant.Value, id, null), ct);
            await transaction.CommitAsync(ct);
            return TypedResults.Ok(cancelled.ToResponse());
        }

        // Asked twice is asked once.
        return await services.Jobs.FindAsync(id, ct) is { State: CaptureState.Cancelled } before
            ? TypedResults.Ok(before.ToResponse())
            : Problems.Conflict($"The capture '{id}' has ended already.");
    }

    private static async Task<IResult> Follow(
        string id,
        [FromHeader(Name = "Last-Event-ID")] string? lastEventId,
        ClaimsPrincipal user,
        CaptureServices services,
        EventClients clients,
        HttpResponse response,
        CancellationToken ct)
    {
        var known = 0L;
        if (lastEventId is { Length: > 0 } && !long.TryParse(lastEventId, NumberStyles.None, CultureInfo.InvariantCulture, out known))
        {
            return Problems.Validation(("Last-Event-ID", "is not one that this API gave"));
        }

        if (await FindAsync(id, user, services.Jobs, ct) is not { } job)
        {
            return Problems.NotFound($"There is no capture '{id}'.");
        }

        if (clients.TryEnter() is { } place)
        {
            return new CaptureEventStream(job, known, services.Jobs, place, services.Time);
        }

        response.Headers.RetryAfter = "5";
        return Problems.Unavailable($"{services.Options.MaxEventClients} clients follow captures already: ask for GET {Route}/{id} now and then instead.");
    }

    private static async Task<Results<PhysicalFileHttpResult, ProblemHttpResult>> GetFile(
        string id, string name, ClaimsPrincipal user, CaptureServices services, CancellationToken ct)
    {
        // Only a name that the job lists is served, so nothing that a caller writes becomes part of a path.
        if (await FindAsync(id, user, services.Jobs, ct) is not { } job
            || job.Files.FirstOrDefault(f => f.Name == name) is not { } file
            || services.Bundles.FindFile(job.Id, file.Name) is not { } path)
        {
            return Problems.NotFound($"There is no file '{name}' of a capture '{id}'.");
        }

        await using var connection = await services.Database.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        var detail = JsonSerializer.Serialize(file, ContractsJson.Default.CaptureFile);
        await services.Audit.AppendAsync(transaction, new AuditEntry(user.Actor(), "capture.export", job.Tenant.Value, job.Id, detail), ct);
        await transaction.CommitAsync(ct);
        return TypedResults.PhysicalFile(path, "application/octet-stream", file.Name, enableRangeProcessing: true);
    }

    private static async Task<CaptureJob?> FindAsync(string id, ClaimsPrincipal user, CaptureJobStore jobs, CancellationToken ct) =>
        await jobs.FindAsync(id, ct) is { } job && user.MayAccess(job.Tenant) ? job : null;

    private static string NewId() => "cap-" + Guid.CreateVersion7().ToString("n");
}
