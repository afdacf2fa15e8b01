using System.Collections.Concurrent;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.OpAmp.Server;
using StellaOps.Telemetry.OpAmp.Tracking;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>A small server as an application would write it: it follows agents in memory and offers one configuration to all that take one.</summary>
public sealed class TrackingServer : IOpAmpServer
{
    private readonly AgentConnections _connections;
    private readonly AgentTracker _tracker;
    private readonly ConcurrentDictionary<ByteString, AvailableComponents> _components = new();

    public TrackingServer(AgentConnections connections, TimeProvider time)
    {
        _connections = connections;
        _tracker = new AgentTracker(
            (ulong)(ServerCapabilities.AcceptsStatus | ServerCapabilities.OffersRemoteConfig | ServerCapabilities.AcceptsEffectiveConfig), _components.ContainsKey, time);
    }

    /// <summary>What is known of each agent.</summary>
    public ConcurrentDictionary<InstanceUid, AgentState> Agents { get; } = new();

    /// <summary>Every message, in the order of its coming.</summary>
    public ConcurrentQueue<AgentToServer> Messages { get; } = new();

    /// <summary>The connections of these messages, and whether each has ended.</summary>
    public ConcurrentDictionary<OpAmpConnection, bool> Connections { get; } = new();

    /// <summary>Sets of components, by hash.</summary>
    public IReadOnlyDictionary<ByteString, AvailableComponents> Components => _components;

    /// <summary>Offered to every agent that has another; null offers nothing.</summary>
    public AgentRemoteConfig? Offer { get; set; }

    /// <summary>Answers in the server's place where it returns one; may also wait or throw.</summary>
    public Func<AgentToServer, CancellationToken, ValueTask<ServerToAgent?>> Intercept { get; set; } = (_, _) => ValueTask.FromResult<ServerToAgent?>(null);

    public async ValueTask<ServerToAgent> HandleAsync(OpAmpConnection connection, AgentToServer message, CancellationToken cancellationToken)
    {
        Messages.Enqueue(message);
        Connections.TryAdd(connection, false);
        if (await Intercept(message, cancellationToken) is { } answer)
        {
            return answer;
        }

        InstanceUid.TryFrom(message.InstanceUid, out var uid);
        var claim = await _connections.ClaimAsync(uid, connection, cancellationToken);
        var tracked = _tracker.Track(Agents.GetValueOrDefault(uid), message, claim == ClaimOutcome.Held);
        if (tracked.Components is { } components)
        {
            _components[components.Hash] = components;
        }

        if (tracked.Next is { } next)
        {
            Agents[uid] = next;
            if (Offer is { } offer && next.Can(AgentCapabilities.AcceptsRemoteConfig) && next.LastConfigHash != offer.ConfigHash)
            {
                tracked.Answer.RemoteConfig = offer;
            }
        }

        return tracked.Answer;
    }

    /// <summary>Sends to an agent unasked.</summary>
    public async Task<bool> PushAsync(InstanceUid uid, ServerToAgent message, CancellationToken cancellationToken) =>
        _connections.TryGet(uid, out var connection) && await connection.SendAsync(message, cancellationToken);

    public void OnClosed(OpAmpConnection connection)
    {
        _connections.Release(connection);
        Connections[connection] = true;
    }
}
