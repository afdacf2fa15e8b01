using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;

namespace StellaOps.Telemetry.Replay.Sending;

/// <summary>Sends one request once; whether it is sent again is for others to say.</summary>
public interface IReplaySender
{
    /// <summary>Sends, and says what the answer means.</summary>
    /// <param name="request">An Export request of the signal, protobuf; empty: one without records.</param>
    Task<ReplayAnswer> SendAsync(Signal signal, ReadOnlyMemory<byte> request, ReplayMark mark, CancellationToken cancellationToken);
}
