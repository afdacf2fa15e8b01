using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Keeps the client of an exporter current: another is made when a file of its credentials or the egress policy changed, and after a request
/// ran out of time, since what is behind the old connection may be gone without a word. Requests on their way end where they began.
/// </summary>
internal sealed partial class StoreConnection(OtlpExporterSettings settings, EgressDialer dialer, TimeProvider time, ILogger logger) : IDisposable
{
    private static readonly TimeSpan s_lookPeriod = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly bool _hasFiles = settings.HeaderFiles.Count > 0 || settings.Tls.IsSet;
    private StoreClient? _client;
    private DateTimeOffset _lookedAt;
    private byte[]? _refused;
    private bool _isDisposed;

    /// <summary>The client for one request; its <see cref="StoreClient.Leave"/> is called when that ended.</summary>
    /// <exception cref="IOException">There are no credentials yet that could be used.</exception>
    public StoreClient Enter()
    {
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            var now = time.GetUtcNow();
            if (_client is null || _client.Policy != dialer.Policy)
            {
                Replace(StoreCredentials.Load(settings));
            }
            else if (_hasFiles && now - _lookedAt >= s_lookPeriod)
            {
                Look();
            }

            _lookedAt = now;
            _client!.Enter();
            return _client;
        }
    }

    /// <summary>Has the next request make a connection of its own, unless that happened since.</summary>
    public void Abandon(StoreClient client)
    {
        lock (_lock)
        {
            if (_client == client && !_isDisposed)
            {
                Replace(client.Credentials);
            }
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isDisposed = true;
            _client?.Retire();
        }
    }

    private void Look()
    {
        var found = StoreCredentials.FingerprintOf(settings);
        if (found.AsSpan().SequenceEqual(_client!.Credentials.Fingerprint) || (_refused is not null && found.AsSpan().SequenceEqual(_refused)))
        {
            return;
        }

        try
        {
            Replace(StoreCredentials.Load(settings));
            _refused = null;
            LogChanged(settings.Name);
        }
        catch (IOException e)
        {
            // Half replaced, or wrong: what is in use stays until there is something better.
            _refused = found;
            LogRefused(settings.Name, e.Message);
        }
    }

    private void Replace(StoreCredentials credentials)
    {
        var next = new StoreClient(settings, credentials, dialer);
        _client?.Retire();
        _client = next;
    }

    [LoggerMessage(PipelineEventIds.StoreCredentialsChanged, LogLevel.Information, "exporter {Exporter} uses changed credentials from now on")]
    private partial void LogChanged(string exporter);

    [LoggerMessage(PipelineEventIds.StoreCredentialsRefused, LogLevel.Warning, "exporter {Exporter} keeps the credentials it has: {Reason}")]
    private partial void LogRefused(string exporter, string reason);
}
