namespace StellaOps.Telemetry.IngestGateway.Configuration;

/// <summary>Section <c>Stella:Gateway</c>.</summary>
internal sealed class GatewayOptions
{
    public const string Section = "Stella:Gateway";

    private int? _maxSamplingWaiters;

    /// <summary>The gateway's name in envelopes, heartbeats and the ledger.</summary>
    public string Id { get; set; } = "";

    /// <summary>Folder of log, journal, cursors and last good snapshot.</summary>
    public string DataPath { get; set; } = "";

    /// <summary>OTLP/gRPC listener; null takes the profile's.</summary>
    public string? GrpcUrl { get; set; }

    /// <summary>OTLP/HTTP listener; null takes the profile's.</summary>
    public string? HttpUrl { get; set; }

    /// <summary>Has to be spelled to take plaintext OTLP outside loopback, such as behind a TLS proxy or in a container's own network.</summary>
    public bool AllowPlaintext { get; set; }

    /// <summary>Bytes of request bodies held at once, before and after decompression; above it requests are refused, retryable.</summary>
    public long MaxInFlightBytes { get; set; } = 256L << 20;

    /// <summary>
    /// Requests between admission and answer; above it they are refused, retryable, before their body is read. A tenant may hold half. Many
    /// more than the processors treat at once, since some wait for slow senders or for the disk; few enough that bodies fit in memory.
    /// </summary>
    public int MaxRequestsInFlight { get; set; } = 128 * Environment.ProcessorCount;

    /// <summary>Work that waits for a thread, most of it requests; above it requests are refused before their bodies are read.</summary>
    public int MaxRequestsWaiting { get; set; } = 64 * Environment.ProcessorCount;

    /// <summary>Connections of senders at once; more are closed as they come.</summary>
    public int MaxConnections { get; set; } = 5_000;

    /// <summary>
    /// SDKs that wait at once for another sampling rate; more are told to come again. A tenant may hold half. Each holds one of
    /// <see cref="MaxConnections"/>, of which by default half remain for those that send.
    /// </summary>
    public int MaxSamplingWaiters
    {
        get => _maxSamplingWaiters ?? Math.Clamp(MaxConnections / 2, 1, 2_000);
        set => _maxSamplingWaiters = value;
    }

    /// <summary>Tenants whose quota and requests in flight are remembered at once.</summary>
    public int MaxTenantsRemembered { get; set; } = 10_000;

    /// <summary>After SIGTERM: how long requests are still taken while <c>/health</c> says that the gateway goes, and senders are told to connect elsewhere.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Tokens remembered as valid.</summary>
    public int MaxCachedTokens { get; set; } = 10_000;

    /// <summary>Incidents held at once; more are ignored and logged.</summary>
    public int MaxIncidents { get; set; } = 10_000;

    public IEnumerable<string> Faults()
    {
        if (Id.Length is 0 or > 63 || !Id.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
        {
            yield return $"Stella__Gateway__Id '{Id}' is not a name: give 1 to 63 of a-z, A-Z, 0-9, '-', '_' and '.'";
        }

        if (!Path.IsPathFullyQualified(DataPath))
        {
            yield return $"Stella__Gateway__DataPath '{DataPath}' is not an absolute path: name the folder that holds the gateway's log";
        }

        if (MaxInFlightBytes < 1 << 20)
        {
            yield return $"Stella__Gateway__MaxInFlightBytes {MaxInFlightBytes} is below 1 MiB: raise it, or no request passes";
        }

        foreach (var (key, value) in new[] { ("MaxRequestsInFlight", MaxRequestsInFlight), ("MaxRequestsWaiting", MaxRequestsWaiting), ("MaxConnections", MaxConnections), ("MaxTenantsRemembered", MaxTenantsRemembered) })
        {
            if (value < 1)
            {
                yield return $"Stella__Gateway__{key} {value} is below 1: raise it, or no request passes";
            }
        }

        if (_maxSamplingWaiters is { } waiters && (waiters < 1 || waiters >= MaxConnections))
        {
            yield return $"Stella__Gateway__MaxSamplingWaiters {waiters} is not from 1 to below Stella__Gateway__MaxConnections {MaxConnections}: who waits holds a connection; lower it, or senders find none";
        }

        if (DrainDelay < TimeSpan.Zero || DrainDelay > TimeSpan.FromMinutes(1))
        {
            yield return $"Stella__Gateway__DrainDelay {DrainDelay} is not between 0 and 1 minute: shorten it, since the process is killed when it takes too long to stop";
        }

        foreach (var (key, url) in new[] { ("GrpcUrl", GrpcUrl), ("HttpUrl", HttpUrl) })
        {
            if (url is not null && ListenerAddress.FaultOf(url, AllowPlaintext) is { } fault)
            {
                yield return $"Stella__Gateway__{key} '{url}' {fault}";
            }
        }
    }
}
