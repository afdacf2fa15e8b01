using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp;

/// <summary>What makes a message malformed though it can be decoded.</summary>
public static class MessageRules
{
    /// <summary>What is wrong with it and how to mend it; null when nothing is.</summary>
    public static string? FaultOf(AgentToServer message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return message.InstanceUid.Length == InstanceUid.Length
            ? null
            : $"instance_uid has {message.InstanceUid.Length} bytes: send the {InstanceUid.Length} bytes of a UUID";
    }
}
