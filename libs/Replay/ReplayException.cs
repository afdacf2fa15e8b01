namespace StellaOps.Telemetry.Replay;

/// <summary>Why a replay cannot go on.</summary>
public enum ReplayFault
{
    /// <summary>Another process has the state.</summary>
    StateBusy,

    /// <summary>The state cannot be read or written.</summary>
    StateUnusable,

    /// <summary>The state is of another replay.</summary>
    StateOfAnother,

    /// <summary>The endpoint does not understand the replay mark, and nobody said that this is right.</summary>
    NotAGateway,

    /// <summary>The credentials, the tenant or the replay are not allowed.</summary>
    NotAllowed,

    /// <summary>The endpoint was not reached, or was too busy for too long.</summary>
    Unreachable,

    /// <summary>The endpoint refused a batch for good.</summary>
    Refused,

    /// <summary>The bundle holds other records than was said, or times that cannot be shifted.</summary>
    BundleUnfit,
}

/// <summary>A replay ended before its end. What was acknowledged stands in the state.</summary>
/// <param name="fix">What the user can do about it.</param>
public sealed class ReplayException(ReplayFault fault, string message, string fix, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Why.</summary>
    public ReplayFault Fault { get; } = fault;

    /// <summary>What the user can do about it.</summary>
    public string Fix { get; } = fix;
}
