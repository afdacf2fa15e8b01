using Dapper;
using Microsoft.Extensions.Options;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IncidentService.Evidence;
using StellaOps.Telemetry.IncidentService.Limits;
using StellaOps.Telemetry.IncidentService.Notify.Outbox;
using StellaOps.Telemetry.IncidentService.Publishing;
using StellaOps.Telemetry.IncidentService.Site;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.IncidentService.Incidents;

/// <summary>Incidents in PostgreSQL. Each change writes the row, its timeline, the outbox and the audit trail in one transaction.</summary>
internal sealed partial class IncidentStore(
    NpgsqlDataSource dataSource, AuditLog audit, Idempotency idempotency, PublishSignal signal, IOptions<IncidentLimits> limits, SiteTerms site, TimeProvider time)
{
    /// <summary>Who acts when time does.</summary>
    public const string SystemActor = "system:" + KnownServices.IncidentService;

    // Starts wait for each other, so that a ceiling holds whichever replica counts. An arbitrary number, used for nothing else.
    private const long StartLock = 0x5354_4152_5449_4e43;

    /// <summary>
    /// Opens an incident. What the origin calls the same as one that is open is that one, kept active for longer: an alert that flaps makes
    /// one incident.
    /// </summary>
    public async Task<(ChangeOutcome Outcome, Incident? Incident)> StartAsync(
        StartIncidentRequest request, IncidentOrigin origin, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockStartsAsync(transaction, cancellationToken);
        var now = Now();

        // Version 7: ids sort by time, which is what the list's cursor rests on.
        var id = $"inc-{Guid.CreateVersion7(now):n}";
        var hash = Idempotency.HashOf("incidents", request, ContractsJson.Default.StartIncidentRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, id, cancellationToken);
        if (claim.Outcome == IdempotencyOutcome.Mismatch)
        {
            return (ChangeOutcome.KeyReused, null);
        }

        if (claim.Outcome == IdempotencyOutcome.Repeat)
        {
            return (ChangeOutcome.Done, await FindAsync(connection, transaction, claim.ResourceId, forUpdate: false, cancellationToken));
        }

        if (origin.Correlation is { } correlation && await FindOpenAsync(connection, transaction, request.Tenant, correlation, forUpdate: true, cancellationToken) is { } known)
        {
            var extended = await StepAsync(transaction, known, IncidentMachine.Extend(known, site.TtlOf(request.TtlSeconds, known.CooldownSeconds), now), actor, "fire", request.Reason, now, cancellationToken);
            if (extended.IsOpen)
            {
                await CommitAsync(transaction, cancellationToken);
                return (ChangeOutcome.Done, extended);
            }
        }

        if (request.Replaces is { } replaced)
        {
            var before = await FindAsync(connection, transaction, replaced, forUpdate: true, cancellationToken);
            if (before is null || before.Tenant != request.Tenant)
            {
                return (ChangeOutcome.NotFound, null);
            }

            if (!before.IsOpen)
            {
                return (ChangeOutcome.WrongState, before);
            }

            await StepAsync(transaction, before, IncidentMachine.Supersede(before, id, now), actor, "supersede", $"by {id}", now, cancellationToken);
        }

        var terms = site.Of(request);
        var incident = IncidentMachine.Start(id, request, terms, origin, actor, await GrantAsync(transaction, request.Tenant, terms.SamplingRate, cancellationToken), now);
        await connection.ExecuteAsync(new CommandDefinition(IncidentRow.Insert, IncidentRow.Of(incident), transaction, cancellationToken: cancellationToken));
        await RecordAsync(transaction, incident, actor, "start", request.Reason, now, cancellationToken);
        if (terms.Limit is { } limit)
        {
            await NoteAsync(transaction, incident, SystemActor, "limit", limit, now, cancellationToken);
        }

        if (incident.EffectiveRate == 0)
        {
            incident = IncidentMachine.Activate(incident, now);
            await UpdateAsync(transaction, incident, SystemActor, "activate", "too many incidents are open: sampling is not raised for this one until others end", now, cancellationToken);
        }

        // Whoever called activates it at once, and wakes the publisher then.
        await transaction.CommitAsync(cancellationToken);
        return (ChangeOutcome.Done, incident);
    }

    /// <summary>Stops or extends: whatever <paramref name="step"/> makes of it. A step that changes nothing writes nothing.</summary>
    public async Task<(ChangeOutcome Outcome, Incident? Incident)> ChangeAsync(
        string id, Func<TenantId, bool> mayAccess, long? ifVersion, string actor, string action, string? detail, Func<Incident, DateTimeOffset, Incident?> step, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(connection, transaction, id, forUpdate: true, cancellationToken) is not { } incident || !mayAccess(incident.Tenant))
        {
            return (ChangeOutcome.NotFound, null);
        }

        if (ifVersion is { } version && version != incident.Version)
        {
            return (ChangeOutcome.VersionDiffers, null);
        }

        var now = Now();
        if (step(incident, now) is not { } next)
        {
            return (ChangeOutcome.WrongState, incident);
        }

        next = await StepAsync(transaction, incident, next, actor, action, detail, now, cancellationToken);
        await CommitAsync(transaction, cancellationToken);
        return (ChangeOutcome.Done, next);
    }

    /// <summary>Takes note that gateways were told of <paramref name="active"/>; null when the incident has changed meanwhile.</summary>
    public async Task<Incident?> ActivateAsync(Incident active, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        if (await FindAsync(connection, transaction, active.Id, forUpdate: true, cancellationToken) is not { State: IncidentState.Requested } incident
            || incident.Version != active.Version - 1)
        {
            return null;
        }

        var now = Now();
        await UpdateAsync(transaction, active, SystemActor, "activate", null, now, cancellationToken);
        await connection.ExecuteAsync(new CommandDefinition(
            "DELETE FROM incident.outbox WHERE incident_id = @Id AND version <= @Version", new { active.Id, active.Version }, transaction, cancellationToken: cancellationToken));
        var settled = await SettleAsync(transaction, active, now, cancellationToken);
        await CommitAsync(transaction, cancellationToken);
        return settled;
    }

    /// <summary>Moves what time has moved; returns it. Replicas share the work: a row that another one holds is skipped.</summary>
    public async Task<IReadOnlyList<Incident>> TickAsync(CancellationToken cancellationToken)
    {
        const int Batch = 100;
        var now = Now();
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var due = await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"""
            SELECT {IncidentRow.Columns} FROM incident.incidents
            WHERE (state = 'Active' AND active_until <= @now) OR (state IN ({IncidentRow.OpenStates}) AND expires_at <= @now)
            ORDER BY id LIMIT {Batch} FOR UPDATE SKIP LOCKED
            """,
            new { now },
            transaction,
            cancellationToken: cancellationToken));
        var moved = new List<Incident>();
        foreach (var row in due)
        {
            moved.Add(await SettleAsync(transaction, row.ToIncident(), now, cancellationToken));
        }

        await transaction.CommitAsync(cancellationToken);
        if (moved.Count > 0)
        {
            signal.Raise();
        }

        return moved;
    }

    /// <summary>Gives each open incident the rate that it may have now; those that changed.</summary>
    public async Task<IReadOnlyList<Incident>> ThrottleAsync(Func<IReadOnlyList<Incident>, IReadOnlyDictionary<string, RateGrant>> judge, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await LockStartsAsync(transaction, cancellationToken);
        var open = (await connection.QueryAsync<IncidentRow>(new CommandDefinition(
            $"SELECT {IncidentRow.Columns} FROM incident.incidents WHERE state IN ({IncidentRow.OpenStates}) ORDER BY id FOR UPDATE",
            transaction: transaction,
            cancellationToken: cancellationToken))).Select(r => r.ToIncident()).ToList();
        var now = Now();
        var grants = judge(open);
        var changed = new List<Incident>();
        foreach (var incident in open)
        {
            var grant = grants[incident.Id];
            if (IncidentMachine.Throttle(incident, grant.Rate) is var next && next.Version != incident.Version)
            {
                changed.Add(await StepAsync(transaction, incident, next, SystemActor, "throttle", grant.Why, now, cancellationToken));
            }
        }

        await CommitAsync(transaction, cancellationToken);
        return changed;
    }

    /// <summary>Writes the step, and what time makes of it at once: each a version and a line of the timeline of its own.</summary>
    private async Task<Incident> StepAsync(
        NpgsqlTransaction transaction, Incident incident, Incident next, string actor, string action, string? detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (next.Version != incident.Version)
        {
            await UpdateAsync(transaction, next, actor, action, detail, now, cancellationToken);
        }

        return await SettleAsync(transaction, next, now, cancellationToken);
    }

    private async Task<Incident> SettleAsync(NpgsqlTransaction transaction, Incident incident, DateTimeOffset now, CancellationToken cancellationToken)
    {
        while (IncidentMachine.Tick(incident, now) is var ticked && ticked.Version != incident.Version)
        {
            incident = ticked;
            await UpdateAsync(transaction, incident, SystemActor, ActionOf(incident.State), null, now, cancellationToken);
        }

        return incident;
    }

    private static Task LockStartsAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition("SELECT pg_advisory_xact_lock(@StartLock)", new { StartLock }, transaction, cancellationToken: cancellationToken));

    private static string ActionOf(IncidentState state) => state switch
    {
        IncidentState.CoolingDown => "cool-down",
        IncidentState.Closed => "close",
        IncidentState.Expired => "expire",
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, "time alone does not lead there"),
    };

    /// <summary>What was asked while there is room; nothing above a ceiling. The throttle gives what becomes free.</summary>
    private async Task<double> GrantAsync(NpgsqlTransaction transaction, TenantId tenant, double asked, CancellationToken cancellationToken)
    {
        var (all, own) = await transaction.Connection!.QuerySingleAsync<(long, long)>(new CommandDefinition(
            $"""
            SELECT count(*), count(*) FILTER (WHERE tenant = @Tenant) FROM incident.incidents
            WHERE state IN ({IncidentRow.OpenStates}) AND effective_rate > 0
            """,
            new { Tenant = tenant.Value },
            transaction,
            cancellationToken: cancellationToken));
        return all < limits.Value.MaxRaised && own < limits.Value.MaxRaisedPerTenant ? asked : 0;
    }

    private async Task CommitAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await transaction.CommitAsync(cancellationToken);
        signal.Raise();
    }

    private async Task UpdateAsync(NpgsqlTransaction transaction, Incident next, string actor, string action, string? detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (await transaction.Connection!.ExecuteAsync(new CommandDefinition(IncidentRow.Update, IncidentRow.Of(next), transaction, cancellationToken: cancellationToken)) != 1)
        {
            throw new InvalidOperationException($"incident {next.Id} changed under its lock");
        }

        await RecordAsync(transaction, next, actor, action, detail, now, cancellationToken);
    }

    private async Task RecordAsync(NpgsqlTransaction transaction, Incident incident, string actor, string action, string? detail, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await NoteAsync(transaction, incident, actor, action, detail, now, cancellationToken);
        await transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO incident.outbox (incident_id, version) VALUES (@Id, @Version) ON CONFLICT (incident_id) DO UPDATE SET version = excluded.version",
            new { incident.Id, incident.Version },
            transaction,
            cancellationToken: cancellationToken));
        await EvidencePlan.WriteAsync(transaction, incident, now, cancellationToken);
        await NotifyOutbox.AppendAsync(transaction, incident, new IncidentEvent(now, actor, action, detail, incident.State, incident.Version), cancellationToken);
        await audit.AppendAsync(transaction, new AuditEntry(actor, $"incident.{action}", incident.Tenant.Value, incident.Id, AuditDetail.Of(incident, detail)), cancellationToken);
    }

    /// <summary>A line of the timeline.</summary>
    private static Task NoteAsync(
        NpgsqlTransaction transaction, Incident incident, string actor, string action, string? detail, DateTimeOffset now, CancellationToken cancellationToken) =>
        transaction.Connection!.ExecuteAsync(new CommandDefinition(
            "INSERT INTO incident.events (incident_id, at, actor, action, detail, version, state) VALUES (@Id, @now, @actor, @action, @detail, @Version, @State)",
            new { incident.Id, incident.Version, State = incident.State.ToString(), now, actor, action, detail },
            transaction,
            cancellationToken: cancellationToken));

    /// <summary>PostgreSQL keeps microseconds: what is answered and published must be what is read again.</summary>
    private DateTimeOffset Now()
    {
        var now = time.GetUtcNow();
        return new DateTimeOffset(now.Ticks - (now.Ticks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);
    }
}
