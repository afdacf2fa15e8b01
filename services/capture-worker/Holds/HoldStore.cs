using System.Text.Json;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Retention.Removing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Holds;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker.Holds;

/// <summary>Holds in PostgreSQL. Each change is audited in its transaction.</summary>
internal sealed class HoldStore(NpgsqlDataSource dataSource, AuditLog audit, Idempotency idempotency, TimeProvider time)
{
    /// <summary>Who releases a hold whose date is past.</summary>
    public const string SystemActor = "system:" + KnownServices.CaptureWorker;

    private const string Route = "/api/v1/holds";
    private static readonly TimeSpan s_promotionLease = TimeSpan.FromMinutes(1);

    /// <summary>Null when the key was used with another request.</summary>
    public async Task<HoldResponse?> AddAsync(CreateHoldRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var hash = Idempotency.HashOf(Route, request, ContractsJson.Default.CreateHoldRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, $"hold-{Guid.CreateVersion7(now):n}", cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return null;
        }

        if (claim.Outcome == IdempotencyOutcome.New)
        {
            var services = (request.Services ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToArray();
            var going = await RemovalGate.ProtectAsync(
                transaction, request.Tenant.Value, UnixNano.Of(request.From), request.To is { } to && to < UnixNano.LastDay ? UnixNano.Of(to) : null, services, time, cancellationToken);
            await connection.ExecuteAsync(new CommandDefinition(
                """
                INSERT INTO capture.holds (id, tenant, services, from_at, to_at, until, reason, incident_id, promotion_due_at, created_by, created_at, gaps)
                VALUES (@Id, @Tenant, @Services, @From, @To, @Until, @Reason, @IncidentId, @now, @actor, @now, @Gaps::jsonb)
                """,
                new
                {
                    Id = claim.ResourceId,
                    Tenant = request.Tenant.Value,
                    Services = services,
                    From = request.From.ToUniversalTime(),
                    To = request.To?.ToUniversalTime(),
                    Until = request.Until?.ToUniversalTime(),
                    request.Reason,
                    request.IncidentId,
                    now,
                    actor,
                    Gaps = JsonSerializer.Serialize([.. going.Select(k => $"chunk {k} was already being deleted")], CaptureJson.Default.IReadOnlyListString),
                },
                transaction,
                cancellationToken: cancellationToken));
            await AuditAsync(transaction, actor, "hold.add", request.Tenant, claim.ResourceId, JsonSerializer.Serialize(request, ContractsJson.Default.CreateHoldRequest), cancellationToken);
        }

        var hold = await FindAsync(transaction, claim.ResourceId, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return hold;
    }

    /// <summary>The window grows no more. Again, or of one that is released, it changes nothing. Null: there is none.</summary>
    public Task<HoldResponse?> CloseAsync(string id, Func<TenantId, bool> mayAccess, DateTimeOffset to, string actor, CancellationToken cancellationToken) => ChangeAsync(
        id,
        mayAccess,
        hold => hold.To is null && hold.State == HoldState.Active,
        "UPDATE capture.holds SET to_at = greatest(@to, from_at + interval '1 microsecond') WHERE id = @id",
        new { id, to = to.ToUniversalTime() },
        actor,
        "hold.close",
        null,
        cancellationToken);

    /// <summary>What it covers may be deleted again, as far as this hold goes. Null: there is none.</summary>
    public Task<HoldResponse?> ReleaseAsync(string id, Func<TenantId, bool> mayAccess, string reason, string actor, CancellationToken cancellationToken) => ChangeAsync(
        id,
        mayAccess,
        hold => hold.State == HoldState.Active,
        "UPDATE capture.holds SET released_at = @now, released_by = @actor, to_at = coalesce(to_at, greatest(@now, from_at + interval '1 microsecond')) WHERE id = @id",
        new { id, now = time.GetUtcNow(), actor },
        actor,
        "hold.release",
        JsonSerializer.Serialize(new ReleaseHoldRequest(reason), ContractsJson.Default.ReleaseHoldRequest),
        cancellationToken);

    public async Task<HoldResponse?> FindAsync(string id, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        return await FindAsync(transaction, id, cancellationToken);
    }

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<HoldResponse>> ListAsync(TenantId? tenant, string? incidentId, bool activeOnly, string? cursor, int limit, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        return [.. (await connection.QueryAsync<HoldRow>(new CommandDefinition(
            $"""
            SELECT {HoldRow.Columns} FROM capture.holds
            WHERE (@Tenant::text IS NULL OR tenant = @Tenant) AND (@incidentId::text IS NULL OR incident_id = @incidentId)
                AND (NOT @activeOnly OR released_at IS NULL) AND (@cursor::text IS NULL OR id < @cursor)
            ORDER BY id DESC LIMIT @limit
            """,
            new { Tenant = tenant?.Value, incidentId, activeOnly, cursor, limit },
            cancellationToken: cancellationToken))).Select(r => r.ToResponse())];
    }

    /// <summary>Releases what is closed and past its date; the ids.</summary>
    public async Task<IReadOnlyList<string>> ReleaseDueAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var now = time.GetUtcNow();
        var released = (await connection.QueryAsync<(string Id, string Tenant)>(new CommandDefinition(
            """
            UPDATE capture.holds SET released_at = @now, released_by = @SystemActor
            WHERE id IN (SELECT id FROM capture.holds WHERE released_at IS NULL AND to_at IS NOT NULL AND until <= @now LIMIT 100 FOR UPDATE SKIP LOCKED)
            RETURNING id, tenant
            """,
            new { now, SystemActor },
            transaction,
            cancellationToken: cancellationToken))).ToList();
        foreach (var (id, tenant) in released)
        {
            await AuditAsync(transaction, SystemActor, "hold.release", TenantId.Parse(tenant), id, null, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return [.. released.Select(r => r.Id)];
    }

    /// <summary>Takes up one hold whose window is not in the archive yet; null when there is none. Whoever is killed meanwhile loses it to the next after a minute.</summary>
    public async Task<HoldResponse?> ClaimPromotionAsync(CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var now = time.GetUtcNow();
        return (await connection.QuerySingleOrDefaultAsync<HoldRow>(new CommandDefinition(
            $"""
            UPDATE capture.holds SET promotion_due_at = @next, promotion_attempts = promotion_attempts + 1
            WHERE id = (
                SELECT id FROM capture.holds WHERE promoted_at IS NULL AND released_at IS NULL AND promotion_due_at <= @now
                ORDER BY promotion_due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING {HoldRow.Columns}
            """,
            new { now, next = now + s_promotionLease },
            cancellationToken: cancellationToken)))?.ToResponse();
    }

    /// <summary>Until when the tenant's recorders were copied whole, from then on or from before, for other holds; null when they were not.</summary>
    public async Task<DateTimeOffset?> CopiedUntilAsync(HoldResponse hold, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        var until = await connection.ExecuteScalarAsync<DateTime?>(new CommandDefinition(
            """
            SELECT max(least(created_at, coalesce(to_at, created_at))) FROM capture.holds
            WHERE tenant = @Tenant AND id <> @Id AND promoted_at IS NOT NULL AND gaps = '[]' AND from_at <= @From AND least(created_at, coalesce(to_at, created_at)) > @From
            """,
            new { Tenant = hold.Tenant.Value, hold.Id, hold.From },
            cancellationToken: cancellationToken));
        return until is { } at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    public async Task PromotedAsync(string id, IReadOnlyList<string> gaps, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "UPDATE capture.holds SET promoted_at = @now, gaps = gaps || @gaps::jsonb WHERE id = @id",
            new { id, now = time.GetUtcNow(), gaps = JsonSerializer.Serialize(gaps, CaptureJson.Default.IReadOnlyListString) },
            cancellationToken: cancellationToken));
    }

    private async Task<HoldResponse?> ChangeAsync(
        string id,
        Func<TenantId, bool> mayAccess,
        Func<HoldResponse, bool> isNeeded,
        string update,
        object parameters,
        string actor,
        string action,
        string? detail,
        CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(transaction, id, cancellationToken, forUpdate: true) is not { } hold || !mayAccess(hold.Tenant))
        {
            return null;
        }

        if (!isNeeded(hold))
        {
            return hold;
        }

        await connection.ExecuteAsync(new CommandDefinition(update, parameters, transaction, cancellationToken: cancellationToken));
        hold = await FindAsync(transaction, id, cancellationToken);
        await AuditAsync(transaction, actor, action, hold!.Tenant, id, detail, cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return hold;
    }

    private Task AuditAsync(NpgsqlTransaction transaction, string actor, string action, TenantId tenant, string id, string? detail, CancellationToken cancellationToken) =>
        audit.AppendAsync(transaction, new AuditEntry(actor, action, tenant.Value, id, detail), cancellationToken);

    private static async Task<HoldResponse?> FindAsync(NpgsqlTransaction transaction, string id, CancellationToken cancellationToken, bool forUpdate = false) =>
        (await transaction.Connection!.QuerySingleOrDefaultAsync<HoldRow>(new CommandDefinition(
            $"SELECT {HoldRow.Columns} FROM capture.holds WHERE id = @id{(forUpdate ? " FOR UPDATE" : "")}", new { id }, transaction, cancellationToken: cancellationToken)))?.ToResponse();
}
