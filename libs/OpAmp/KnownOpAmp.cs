namespace StellaOps.Telemetry.OpAmp;

/// <summary>Names and values that the OpAMP specification (v0.18.0) fixes or recommends.</summary>
public static class KnownOpAmp
{
    /// <summary>The default path of the endpoint.</summary>
    public const string Path = "/v1/opamp";

    /// <summary>The default port of the endpoint.</summary>
    public const int Port = 4320;

    /// <summary>What a body over HTTP is.</summary>
    public const string ContentType = "application/x-protobuf";

    /// <summary>Request header that repeats the instance uid, for whoever routes by it.</summary>
    public const string InstanceUidHeader = "OpAMP-Instance-UID";

    /// <summary>The recommended limit of a message, bytes; every limit here is at most this much by default.</summary>
    public const int MaxMessageBytes = 64 << 20;

    /// <summary>Between heartbeats, and between polls, unless the server offers another.</summary>
    public static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(30);

    /// <summary>The least that a throttled agent waits when it is not told for how long.</summary>
    public static readonly TimeSpan ThrottledRetry = TimeSpan.FromSeconds(30);
}
