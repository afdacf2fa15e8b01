using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Tracking;

/// <summary>What a message made of an agent's state.</summary>
/// <param name="Next">The state after it; null when nothing is to be kept under this uid.</param>
/// <param name="Answer">What has to be answered; the server adds its offers, unless it is an error.</param>
/// <param name="Changed">The parts of <paramref name="Next"/> that differ from what was known: all that has to be stored.</param>
/// <param name="Components">The full set behind <see cref="AgentState.ComponentsHash"/>, when it came.</param>
public sealed record TrackedMessage(AgentState? Next, ServerToAgent Answer, AgentParts Changed, AvailableComponents? Components);
