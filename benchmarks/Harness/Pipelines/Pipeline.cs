namespace StellaOps.Telemetry.Benchmarks.Harness.Pipelines;

/// <summary>What stands between generator and sink, and how it is loaded.</summary>
internal sealed record Pipeline(string Name, Middle Middle)
{
    public bool IsHttp { get; init; }

    public bool IsGzip { get; init; }

    public string Signal { get; init; } = "traces";

    /// <summary>Records a second; 0 is as fast as answers come.</summary>
    public double Rate { get; init; }

    /// <summary>Within one process: no generator, no listener, no sink.</summary>
    public bool IsWithoutNetwork { get; init; }

    /// <summary>A figure of the table: measured several times, the median counts.</summary>
    public bool IsNamed { get; init; }

    public int Connections { get; init; } = 4;

    /// <summary>Above 0: requests leave when they are due, whether answers come or not, with so many in flight on each connection.</summary>
    public int OpenLoop { get; init; }

    public int Tenants { get; init; } = 1;

    /// <summary>What an acknowledgement promises.</summary>
    public string Acknowledges => Middle switch
    {
        Middle.Forensic => "fsync",
        Middle.StockFloor or Middle.Floor => "forwarded",
        Middle.None => "received",
        _ => "write",
    };
}

/// <summary>The process under measurement.</summary>
internal enum Middle
{
    /// <summary>None: the generator sends to the sink.</summary>
    None,

    /// <summary>The byte-copying proxy, with the gateway's own settings of sockets and buffers: what is above it is the gateway's work.</summary>
    Floor,

    /// <summary>The byte-copying proxy, Kestrel and HttpClient as they come.</summary>
    StockFloor,

    Passthrough,
    Redaction,
    Sampling,
    Forensic,
}
