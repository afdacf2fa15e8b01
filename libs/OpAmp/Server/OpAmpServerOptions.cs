namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>Bounds of the transports.</summary>
public sealed class OpAmpServerOptions
{
    private int? _maxSentBytes;

    /// <summary>
    /// Bytes of a message from an agent, before and after decompression, header included. The specification's default; a message read into
    /// objects takes several times its bytes, so a server with little memory sets less.
    /// </summary>
    public int MaxMessageBytes { get; set; } = KnownOpAmp.MaxMessageBytes;

    /// <summary>Bytes of a message to an agent, header included. Unless it is set, as many as one from an agent may have.</summary>
    public int MaxSentBytes
    {
        get => _maxSentBytes ?? MaxMessageBytes;
        set => _maxSentBytes = value;
    }

    /// <summary>WebSocket connections at once; above it an agent is told to come again later.</summary>
    public int MaxConnections { get; set; } = 10_000;

    /// <summary>Messages of <see cref="OpAmpConnection.SendAsync"/> that wait for one connection; above it they are not sent.</summary>
    public int MaxQueuedMessages { get; set; } = 4;

    /// <summary>How long an agent may take to read one message before its connection is ended.</summary>
    public TimeSpan SendTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a connection may be open without a first message.</summary>
    public TimeSpan FirstMessageTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Between pings of a connection on which nothing is said.</summary>
    public TimeSpan PingInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an agent may take to answer a ping.</summary>
    public TimeSpan PingTimeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>How long an agent may take to answer a Close frame.</summary>
    public TimeSpan CloseTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>What an agent is told to wait when there are too many.</summary>
    public TimeSpan RetryAfter { get; set; } = KnownOpAmp.ThrottledRetry;

    /// <summary>Every fault, each with its key and the fix.</summary>
    /// <param name="section">The keys' prefix, <c>Stella__OpAmp</c>.</param>
    public IEnumerable<string> Faults(string section)
    {
        if (MaxMessageBytes < 1 << 10)
        {
            yield return $"{section}__MaxMessageBytes {MaxMessageBytes} is below 1 KiB: raise it, or no message passes";
        }

        if (_maxSentBytes < 1 << 10)
        {
            yield return $"{section}__MaxSentBytes {_maxSentBytes} is below 1 KiB: raise it, or no answer passes";
        }

        foreach (var (key, value) in new[] { (nameof(MaxConnections), MaxConnections), (nameof(MaxQueuedMessages), MaxQueuedMessages) })
        {
            if (value < 1)
            {
                yield return $"{section}__{key} {value} is below 1: raise it, or nothing passes";
            }
        }

        foreach (var (key, value) in new[]
        {
            (nameof(SendTimeout), SendTimeout), (nameof(FirstMessageTimeout), FirstMessageTimeout), (nameof(PingInterval), PingInterval),
            (nameof(PingTimeout), PingTimeout), (nameof(CloseTimeout), CloseTimeout), (nameof(RetryAfter), RetryAfter),
        })
        {
            if (value <= TimeSpan.Zero || value > TimeSpan.FromHours(1))
            {
                yield return $"{section}__{key} {value} is not above 0 and at most 1 hour: set a duration between";
            }
        }
    }
}
