using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dapper;
using Npgsql;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Deployments;
using StellaOps.Telemetry.ProfileService.Versions;
using StellaOps.Telemetry.ServiceDefaults.Audit;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.ProfileService.Rollouts;

/// <summary>Starts rollouts: chooses the agents, issues the deployment, and writes both down, so that the driver only has to look.</summary>
internal sealed partial class RolloutStarter(
    NpgsqlDataSource dataSource, VersionStore versions, DeploymentIssuer issuer, RolloutTables tables, AuditLog audit, Idempotency idempotency, TimeProvider time, ILogger<RolloutStarter> logger)
{
    // "starts" in ASCII: two rollouts must not choose the same agent at the same time.
    private const long StartLock = 0x737461727473;

    public async Task<StartOutcome> StartAsync(StartRolloutRequest request, string actor, string? idempotencyKey, CancellationToken cancellationToken)
    {
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        var id = $"rol-{Guid.CreateVersion7(time.GetUtcNow()):n}";
        var hash = Idempotency.HashOf("rollouts", request, ContractsJson.Default.StartRolloutRequest);
        var claim = await idempotency.ClaimAsync(transaction, actor, idempotencyKey, hash, id, cancellationToken);
        if (claim.Outcome != IdempotencyOutcome.New)
        {
            return claim.Outcome == IdempotencyOutcome.Mismatch ? new StartOutcome.KeyReused() : new StartOutcome.Started(claim.ResourceId);
        }

        if (await versions.FindAsync(connection, transaction, request.Profile, request.Version, cancellationToken) is not { } version)
        {
            return new StartOutcome.NoVersion();
        }

        if (request.Floor > version.Row.Version)
        {
            return new StartOutcome.Impossible($"The floor {request.Floor} would forbid version {version.Row.Version} itself.");
        }

        await connection.ExecuteAsync(new CommandDefinition($"SELECT pg_advisory_xact_lock({StartLock})", transaction: transaction, cancellationToken: cancellationToken));
        var selector = JsonSerializer.Serialize(request.Selector ?? new Dictionary<string, string>(), ContractsJson.Default.IReadOnlyDictionaryStringString);
        var agents = await ChooseAsync(transaction, selector, cancellationToken);
        if (FaultOf(agents) is { } fault)
        {
            return new StartOutcome.Impossible(fault);
        }

        var issued = await issuer.IssueAsync(transaction, version, id, request.Floor, request.Reason, request.ApprovalOverride, cancellationToken);
        if (issued.Refused is { } refused)
        {
            return new StartOutcome.Refused(refused);
        }

        if (issued.Collector is null && agents.FirstOrDefault(a => a.Kind != KnownFleet.Gateway) is { } collector)
        {
            return new StartOutcome.Impossible(
                $"Agent {collector.Uid} is a Collector ('{collector.Kind}'), and '{request.Profile}' says nothing of edge Collectors: select gateways alone (service.name={KnownFleet.Gateway}), or give the profile a section spec.edge.");
        }

        // Which it can, or the request would not have come so far.
        RolloutBatches.TryReadCanary(request.Canary, agents.Count, out var canary);
        var now = tables.Now();
        var order = agents.Select(a => a.Uid.ToString("D")).OrderBy(uid => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(id + uid))), StringComparer.Ordinal).ToList();
        var progress = RolloutMachine.Start(order, RolloutBatches.Sizes(order.Count, canary, request.Batches), now);
        var gate = request.Gate ?? RolloutLimits.Default;
        var row = new RolloutRow(
            id,
            request.Profile,
            version.Row.Version,
            issued.Counter,
            selector,
            request.SoakSeconds,
            request.ApplySeconds,
            request.Reason,
            issued.BreakGlass is not null,
            gate.UnhealthySeconds,
            gate.ExportFailures,
            gate.Refusals,
            gate.QueueSeconds,
            progress.State.ToString(),
            progress.Batch,
            progress.Soaked,
            null,
            now.UtcDateTime,
            actor,
            now.UtcDateTime,
            null);
        await RolloutTables.InsertAsync(transaction, row, progress, cancellationToken);
        if (issued.BreakGlass is { } glass)
        {
            var detail = new JsonObject { ["person"] = glass.Person, ["reason"] = glass.Reason, ["target"] = VersionTarget.Of(row.Profile, row.Version), ["counter"] = row.Counter };
            await audit.AppendAsync(transaction, new AuditEntry(actor, "rollout.break-glass", null, id, detail.ToJsonString()), cancellationToken);
            Log.GlassBroken(logger, id, row.Profile, row.Version, glass.Person, glass.Reason);
        }

        await tables.RecordAsync(transaction, row, actor, "start", request.Reason ?? $"{order.Count} agents in {progress.Batches} batches", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return new StartOutcome.Started(id);
    }

    private async Task<List<Candidate>> ChooseAsync(NpgsqlTransaction transaction, string selector, CancellationToken cancellationToken) =>
        (await transaction.Connection!.QueryAsync<Candidate>(new CommandDefinition(
            $"""
            SELECT a.uid AS Uid, a.kind AS Kind,
                (SELECT l.id FROM profile.rollout_agents m JOIN profile.rollouts l ON l.id = m.rollout_id WHERE m.uid = a.uid AND l.state IN {RolloutTables.Live} LIMIT 1) AS Busy
            FROM profile.agents a WHERE {AgentLiveness.Sql} AND a.manageable AND a.labels @> @selector::jsonb
            """,
            new { selector, LiveSince = time.GetUtcNow() - AgentLiveness.Silence },
            transaction,
            cancellationToken: cancellationToken))).AsList();

    private static string? FaultOf(List<Candidate> agents) => agents switch
    {
        [] => "No connected agent that takes configuration has these labels: see 'GET /api/v1/agents'.",
        _ when agents.FirstOrDefault(a => a.Busy is not null) is { } busy => $"Rollout {busy.Busy} is under way on agent {busy.Uid}: wait for its end, or roll it back.",
        _ => null,
    };

    private sealed record Candidate(Guid Uid, string Kind, string? Busy);

    private static partial class Log
    {
        [LoggerMessage(EventIds.GlassBroken, LogLevel.Warning, "BREAK GLASS: rollout {Id} of {Profile}@{Version} goes out against the rules, on {Person}'s word: {Reason}")]
        public static partial void GlassBroken(ILogger logger, string id, string profile, long version, string person, string reason);
    }
}
