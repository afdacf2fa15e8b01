using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>
/// Which connection speaks for which instance uid: to send to an agent, and to find two that use one uid. A connection that no longer
/// answers does not hold its uid against the agent's next one, or an agent that lost power would come back under another name.
/// </summary>
public sealed class AgentConnections(TimeProvider time)
{
    /// <summary>Agents that one connection may speak for.</summary>
    public const int MaxPerConnection = 1_000;

    /// <summary>How long the older connection has to answer before it counts as dead.</summary>
    public static readonly TimeSpan ProbeTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();

    // Bounded by the transport's MaxConnections times MaxPerConnection.
    private readonly Dictionary<InstanceUid, OpAmpConnection> _holders = [];

    /// <summary>Uids that are held.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _holders.Count;
            }
        }
    }

    /// <summary>The connection to send to; only WebSocket connections are here.</summary>
    public bool TryGet(InstanceUid uid, [NotNullWhen(true)] out OpAmpConnection? connection)
    {
        lock (_lock)
        {
            return _holders.TryGetValue(uid, out connection);
        }
    }

    /// <summary>
    /// Says that this connection speaks for the uid. Where another holds it, that one is asked for its full state: if it answers in time the
    /// claim is refused, otherwise it is ended and gives way. An HTTP exchange holds nothing, and is only judged.
    /// </summary>
    public async ValueTask<ClaimOutcome> ClaimAsync(InstanceUid uid, OpAmpConnection connection, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        while (true)
        {
            if (TryClaim(uid, connection, out var holder) is { } outcome)
            {
                return outcome;
            }

            if (await IsAliveAsync(uid, holder!, cancellationToken).ConfigureAwait(false))
            {
                return ClaimOutcome.Held;
            }

            Forget(uid, holder!);
            holder!.Abort();
        }
    }

    /// <summary>Forgets whatever the connection held; for <see cref="IOpAmpServer.OnClosed"/>.</summary>
    /// <returns>The uids that nobody speaks for any more.</returns>
    public IReadOnlyCollection<InstanceUid> Release(OpAmpConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        lock (_lock)
        {
            IReadOnlyCollection<InstanceUid> released = connection.Claims ?? [];
            connection.Claims = null;
            foreach (var uid in released)
            {
                _holders.Remove(uid);
            }

            return released;
        }
    }

    /// <summary>Of what else a dead connection held, its own end tells.</summary>
    private void Forget(InstanceUid uid, OpAmpConnection holder)
    {
        lock (_lock)
        {
            if (holder.Claims?.Remove(uid) == true)
            {
                _holders.Remove(uid);
            }
        }
    }

    /// <summary>Null when another holds it.</summary>
    private ClaimOutcome? TryClaim(InstanceUid uid, OpAmpConnection connection, out OpAmpConnection? holder)
    {
        lock (_lock)
        {
            if (_holders.TryGetValue(uid, out holder))
            {
                return ReferenceEquals(holder, connection) ? ClaimOutcome.Granted : null;
            }

            if (connection.Transport == OpAmpTransport.Http)
            {
                return ClaimOutcome.Granted;
            }

            connection.Claims ??= [];
            if (connection.Claims.Count >= MaxPerConnection)
            {
                return ClaimOutcome.TooMany;
            }

            connection.Claims.Add(uid);
            _holders.Add(uid, connection);
            return ClaimOutcome.Granted;
        }
    }

    private async Task<bool> IsAliveAsync(InstanceUid uid, OpAmpConnection holder, CancellationToken cancellationToken)
    {
        var answered = holder.NextMessageAsync();
        var probe = new ServerToAgent { InstanceUid = uid.ToByteString(), Flags = (ulong)ServerToAgentFlags.ReportFullState };
        using var timeout = new CancellationTokenSource(ProbeTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            if (!await holder.SendAsync(probe, both.Token).ConfigureAwait(false))
            {
                return false;
            }

            await answered.WaitAsync(both.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }
}

/// <summary>What became of a claim.</summary>
public enum ClaimOutcome
{
    /// <summary>The connection speaks for the uid.</summary>
    Granted,

    /// <summary>Another live connection does.</summary>
    Held,

    /// <summary>The connection speaks for as many as it may.</summary>
    TooMany,
}
