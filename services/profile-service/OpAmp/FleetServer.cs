using Npgsql;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.OpAmp.Tracking;
using StellaOps.Telemetry.ProfileService.Agents;
using StellaOps.Telemetry.ProfileService.Deployments;
using StellaOps.Telemetry.ProfileService.Versions;

namespace StellaOps.Telemetry.ProfileService.OpAmp;

/// <summary>What the profile service does with an agent's message: follow the agent, and offer it what it should run.</summary>
internal sealed partial class FleetServer(
    AgentRegistry registry, AgentStore store, AgentConnections connections, DeploymentCatalog catalog, TimeProvider time, ILogger<FleetServer> logger) : IOpAmpServer
{
    private const ulong Capabilities = (ulong)(ServerCapabilities.AcceptsStatus | ServerCapabilities.OffersRemoteConfig | ServerCapabilities.AcceptsEffectiveConfig);
    private static readonly TimeSpan s_again = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_tellAgain = TimeSpan.FromMinutes(1);

    // Sets of components are not kept, so none is asked for.
    private readonly AgentTracker _tracker = new(Capabilities, _ => true, time);

    public async ValueTask<ServerToAgent> HandleAsync(OpAmpConnection connection, AgentToServer message, CancellationToken cancellationToken)
    {
        if (!registry.KnowsDesired)
        {
            return ServerAnswers.Unavailable(message.InstanceUid, "the profile service has not read yet what agents should run", s_again);
        }

        InstanceUid.TryFrom(message.InstanceUid, out var uid);
        if (registry.GetOrAdd(uid, time.GetUtcNow()) is not { } entry)
        {
            return TooMany(message);
        }

        // Before anything else: whom the uid does not belong to must neither hold it nor have its holder asked for a sign of life.
        var owner = AgentOwner.Of(connection.User);
        if (IsAnothers(entry, owner))
        {
            return Rename(message, uid, entry, owner);
        }

        // Between two connections it may have spoken to another replica.
        var isKnown = entry.Record is not null;
        var isNewHere = !isKnown || (connection.Transport == OpAmpTransport.WebSocket && entry.ConnectionId != connection.Id);
        if (isNewHere && !await RestoreAsync(uid, entry, owner, cancellationToken) && !isKnown)
        {
            return ServerAnswers.Unavailable(message.InstanceUid, "the profile service cannot read what it knows of this agent: its database is away", s_again);
        }

        if (IsAnothers(entry, owner))
        {
            return Rename(message, uid, entry, owner);
        }

        var claim = await connections.ClaimAsync(uid, connection, cancellationToken);
        return claim == ClaimOutcome.TooMany
            ? TooMany(message)
            : Take(connection, message, entry, claim == ClaimOutcome.Held, await OfferAsync(uid, cancellationToken));
    }

    public void OnClosed(OpAmpConnection connection)
    {
        foreach (var uid in connections.Release(connection))
        {
            if (registry.Find(uid) is { } entry)
            {
                lock (entry.Lock)
                {
                    if (entry.Record is { } record)
                    {
                        entry.Update(record with { Connected = false });
                    }
                }
            }
        }
    }

    /// <summary>Offers an agent what it should run now, without being asked. One that is not connected here asks by itself.</summary>
    public async Task PushAsync(InstanceUid uid, CancellationToken cancellationToken)
    {
        if (!connections.TryGet(uid, out var connection) || registry.Find(uid) is not { } entry || await OfferAsync(uid, cancellationToken) is not { } deployment)
        {
            return;
        }

        AgentRemoteConfig? offer;
        lock (entry.Lock)
        {
            offer = entry is { State: { } state, Record: { } record } ? OfferRules.OfferFor(state, record, deployment) : null;
            if (offer is null || OfferRules.IsPending(entry, connection, DeploymentOffer.HexOf(offer.ConfigHash), time))
            {
                return;
            }

            entry.Offered = (connection.Id, DeploymentOffer.HexOf(offer.ConfigHash), time.GetTimestamp());
        }

        if (!await connection.SendAsync(new ServerToAgent { InstanceUid = uid.ToByteString(), Capabilities = Capabilities, RemoteConfig = offer }, cancellationToken))
        {
            lock (entry.Lock)
            {
                // Its next message asks again.
                entry.Offered = default;
            }
        }
    }

    private ServerToAgent Take(OpAmpConnection connection, AgentToServer message, AgentEntry entry, bool isHeldElsewhere, DeploymentOffer? deployment)
    {
        lock (entry.Lock)
        {
            var tracked = _tracker.Track(entry.State, message, isHeldElsewhere);
            if (tracked.Next is not { } next)
            {
                return tracked.Answer;
            }

            var before = entry.Record;
            var record = AgentReader.Read(before, next, connection.Transport, time.GetUtcNow());

            // What it runs in full is the largest part of what it says, and nothing here looks at it.
            entry.State = next with { EffectiveConfig = null };
            entry.ConnectionId = connection.Id;
            entry.Update(record);
            Tell(before, record);
            if (OfferRules.OfferFor(next, record, deployment) is { } offer && DeploymentOffer.HexOf(offer.ConfigHash) is var hash && !OfferRules.IsPending(entry, connection, hash, time))
            {
                tracked.Answer.RemoteConfig = offer;
                entry.Offered = (connection.Id, hash, time.GetTimestamp());
            }

            return tracked.Answer;
        }
    }

    private static ServerToAgent TooMany(AgentToServer message) => ServerAnswers.Unavailable(
        message.InstanceUid, $"there are too many agents: {AgentConnections.MaxPerConnection} on a connection, {AgentRegistry.MaxAgents} in all are allowed", null);

    private static bool IsAnothers(AgentEntry entry, AgentOwner owner)
    {
        lock (entry.Lock)
        {
            return entry.Owner is { } known && known != owner;
        }
    }

    /// <summary>The answer to whoever reports a uid that belongs to another: a uid of its own, as for two agents with one uid.</summary>
    private ServerToAgent Rename(AgentToServer message, InstanceUid uid, AgentEntry entry, AgentOwner intruder)
    {
        lock (entry.Lock)
        {
            // An agent that does not take the new one would fill the log.
            if (entry.IntruderToldAt == 0 || time.GetElapsedTime(entry.IntruderToldAt) >= s_tellAgain)
            {
                entry.IntruderToldAt = time.GetTimestamp();
                Log.UidOfAnother(logger, uid, entry.Owner!, intruder);
            }
        }

        return _tracker.Track(null, message, isHeldElsewhere: true).Answer;
    }

    private async Task<bool> RestoreAsync(InstanceUid uid, AgentEntry entry, AgentOwner claimant, CancellationToken cancellationToken)
    {
        try
        {
            var (owner, stored) = await store.ClaimAsync(uid, claimant, cancellationToken);
            lock (entry.Lock)
            {
                entry.Owner = owner;
                if (stored is not null)
                {
                    entry.Restore(stored);
                }
            }

            return true;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Null: nothing is desired, or it cannot be had now; the agent keeps what it runs.</summary>
    private async ValueTask<DeploymentOffer?> OfferAsync(InstanceUid uid, CancellationToken cancellationToken)
    {
        if (registry.DesiredOf(uid) is not { } counter)
        {
            return null;
        }

        if (catalog.FindLoaded(counter) is { } loaded)
        {
            return loaded;
        }

        try
        {
            return await catalog.GetAsync(counter, cancellationToken);
        }
        catch (Exception e) when (e is NpgsqlException or StoredBytesException)
        {
            return null;
        }
    }

    private void Tell(AgentRecord? before, AgentRecord record)
    {
        if (before is null)
        {
            Log.Joined(logger, record.Kind, record.Uid, record.Version);
        }

        if (record.RefusedHash is { } refused && refused != before?.RefusedHash)
        {
            Log.Refused(logger, record.Kind, record.Uid, refused, record.Error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.AgentJoined, LogLevel.Information, "Agent {Kind} {Uid} version {Version} joined the fleet")]
        public static partial void Joined(ILogger logger, string kind, InstanceUid uid, string? version);

        [LoggerMessage(EventIds.AgentUidOfAnother, LogLevel.Warning, "Agent uid {Uid} belongs to {Owner}; {Intruder} reported it and is given another")]
        public static partial void UidOfAnother(ILogger logger, InstanceUid uid, AgentOwner owner, AgentOwner intruder);

        [LoggerMessage(EventIds.AgentRefused, LogLevel.Warning, "Agent {Kind} {Uid} could not apply {Hash}: {Error}")]
        public static partial void Refused(ILogger logger, string kind, InstanceUid uid, string hash, string? error);
    }
}
