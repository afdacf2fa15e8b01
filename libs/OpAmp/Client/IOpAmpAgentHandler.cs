using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>What an agent does with what the server wants of it.</summary>
public interface IOpAmpAgentHandler
{
    /// <summary>
    /// Puts an offered configuration in force. One after another; an offer that comes meanwhile waits, and only the newest of those that wait
    /// is kept. Whatever is thrown is reported as FAILED with its message.
    /// </summary>
    ValueTask<ConfigOutcome> ApplyAsync(AgentRemoteConfig offer, CancellationToken cancellationToken);

    /// <summary>The server gave the agent another uid, which it has to keep for good.</summary>
    ValueTask OnInstanceUidAsync(InstanceUid uid, CancellationToken cancellationToken);
}
