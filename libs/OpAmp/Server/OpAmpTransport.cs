namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>How an agent talks.</summary>
public enum OpAmpTransport
{
    /// <summary>One exchange; the server speaks only when it is asked.</summary>
    Http,

    /// <summary>A connection; either side speaks at any time.</summary>
    WebSocket,
}
