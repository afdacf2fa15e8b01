using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>What a server does with messages; the transports do the rest. One for all connections, called from many threads.</summary>
public interface IOpAmpServer
{
    /// <summary>
    /// Treats one message; its <c>instance_uid</c> has 16 bytes. Messages of one WebSocket connection come one after another. An error is an
    /// answer too (<see cref="ServerAnswers"/>); whatever is thrown becomes one of type UNKNOWN without its text.
    /// </summary>
    /// <param name="cancellationToken">The agent went away.</param>
    ValueTask<ServerToAgent> HandleAsync(OpAmpConnection connection, AgentToServer message, CancellationToken cancellationToken);

    /// <summary>A WebSocket connection has ended, for whatever reason. Nothing is said of HTTP, where an exchange ends with its answer.</summary>
    void OnClosed(OpAmpConnection connection);
}
