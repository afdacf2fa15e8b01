using System.Security.Claims;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>Who sent a message: a WebSocket connection, which may speak for several agents, or one HTTP exchange.</summary>
public abstract class OpAmpConnection
{
    private static long s_lastId;

    // Made only when somebody waits for the next message.
    private TaskCompletionSource? _next;

    /// <summary>Numbers it.</summary>
    protected OpAmpConnection(OpAmpTransport transport, ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        (Transport, User) = (transport, user);
    }

    /// <summary>Unique in the process.</summary>
    public long Id { get; } = Interlocked.Increment(ref s_lastId);

    /// <summary>How it talks.</summary>
    public OpAmpTransport Transport { get; }

    /// <summary>Whom the application authenticated.</summary>
    public ClaimsPrincipal User { get; }

    /// <summary>
    /// Speaks to the agent unasked, over WebSocket. False when nothing was sent: it is HTTP, the connection is gone, the agent reads too slowly
    /// to take more, or the message is above the limit. The agent will ask again, so the caller need not keep the message.
    /// </summary>
    public abstract Task<bool> SendAsync(ServerToAgent message, CancellationToken cancellationToken);

    /// <summary>Ends it at once.</summary>
    public abstract void Abort();

    /// <summary>The uids that this connection holds; guarded by <see cref="AgentConnections"/>' lock, which also bounds it.</summary>
    internal HashSet<InstanceUid>? Claims { get; set; }

    /// <summary>Completes when the next message came.</summary>
    internal Task NextMessageAsync()
    {
        var fresh = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return (Interlocked.CompareExchange(ref _next, fresh, null) ?? fresh).Task;
    }

    /// <summary>The transport calls it for every message, before the server sees it.</summary>
    protected internal void OnMessage() => Interlocked.Exchange(ref _next, null)?.TrySetResult();
}
