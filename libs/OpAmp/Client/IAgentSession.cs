namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Talks to the server until it cannot, or until it is cancelled, and then says goodbye.</summary>
internal interface IAgentSession
{
    Task<SessionEnd> RunAsync(CancellationToken cancellationToken);
}
