namespace StellaOps.Telemetry.OpAmp.Wire;

/// <summary>More bytes came than the limit allows.</summary>
internal sealed class MessageTooLargeException(long limit) : IOException($"above the limit of {limit} bytes");
