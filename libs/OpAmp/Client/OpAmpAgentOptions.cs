using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Where an agent's server is, and how patient the agent is with it.</summary>
public sealed record OpAmpAgentOptions
{
    /// <summary><c>ws</c> or <c>wss</c> for WebSocket, <c>http</c> or <c>https</c> for polling.</summary>
    public required Uri Endpoint { get; init; }

    /// <summary>The uid that the agent has kept, or a new one.</summary>
    public required InstanceUid InstanceUid { get; init; }

    /// <summary>What the agent can do, beside reporting its status.</summary>
    public required AgentCapabilities Capabilities { get; init; }

    /// <summary>Between heartbeats, and between polls, until the server offers another.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = KnownOpAmp.HeartbeatInterval;

    /// <summary>Before the second attempt to connect; the first comes at once. It doubles, and is spread by half.</summary>
    public TimeSpan FirstBackoff { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest wait between attempts.</summary>
    public TimeSpan MaxBackoff { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest wait that a server may ask for: a mistaken answer must not silence an agent for good.</summary>
    public TimeSpan MaxRetryAfter { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a connection may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an answer may take; over WebSocket it is looked at with each message.</summary>
    public TimeSpan AnswerTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long the farewell may take when the agent is stopped.</summary>
    public TimeSpan FarewellTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of a message, either way, before and after decompression.</summary>
    public int MaxMessageBytes { get; init; } = KnownOpAmp.MaxMessageBytes;

    /// <summary>Whether bodies over HTTP are compressed when that is worth it.</summary>
    public bool Compress { get; init; } = true;

    internal bool IsWebSocket => Endpoint.Scheme is "ws" or "wss";

    internal ulong CapabilityBits => (ulong)(Capabilities | AgentCapabilities.ReportsStatus);

    /// <summary>What is wrong with an endpoint and how to mend it; null when nothing is.</summary>
    public static string? FaultOf(string? endpoint) =>
        Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "ws" or "wss" or "http" or "https"
            ? null
            : $"is no OpAMP address: write ws://host:{KnownOpAmp.Port}{KnownOpAmp.Path} (or wss, http, https)";
}
