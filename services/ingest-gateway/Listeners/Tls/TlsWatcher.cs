using System.Diagnostics.Metrics;
using System.IO.Hashing;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using StellaOps.Telemetry.IngestGateway.Metrics;

namespace StellaOps.Telemetry.IngestGateway.Listeners.Tls;

/// <summary>
/// Looks each second whether the certificate, key and authority files changed, and takes them over for new connections when they are good as
/// a whole. It polls their content: files that are replaced, linked or mounted raise no event that could be relied on.
/// </summary>
internal sealed partial class TlsWatcher : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly TlsState _state;
    private readonly ILogger<TlsWatcher> _logger;
    private UInt128 _inForce;
    private UInt128 _seen;

    public TlsWatcher(TlsState state, IMeterFactory meters, ILogger<TlsWatcher> logger)
    {
        (_state, _logger) = (state, logger);
        _inForce = _seen = Fingerprint();
        var meter = meters.Create(IngestInstruments.MeterName);
        meter.CreateObservableGauge("telemetry.tls.refused", () => state.Refused is null ? 0 : 1, description: "1 while changed certificate files wait that were refused");
        meter.CreateObservableGauge(
            "telemetry.tls.certificate.remaining",
            () => (state.Current.ExpiresAt - state.Time.GetUtcNow()).TotalSeconds,
            "s",
            "Until the listeners' certificate ends");
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_state.Refused is { } faults
            ? HealthCheckResult.Degraded(string.Join("; ", faults))
            : HealthCheckResult.Healthy($"certificate good until {_state.Current.ExpiresAt:O}"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        LogInForce(_state.Current.Fingerprint, _state.Current.ExpiresAt);
        using var timer = new PeriodicTimer(s_period, _state.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                Look();
            }
        }
        catch (OperationCanceledException)
        {
            // The process stops.
        }
    }

    /// <summary>Certificate and key are two files: what changed is taken only when it was the same at two looks.</summary>
    private void Look()
    {
        var now = Fingerprint();
        var isSettled = now == _seen;
        _seen = now;
        if (!isSettled || now == _inForce)
        {
            return;
        }

        _inForce = now;
        List<string> faults = [];
        if (TlsMaterial.Load(_state.Current.Settings, _state.Time.GetUtcNow(), faults) is { } next)
        {
            _state.Swap(next);
            LogInForce(next.Fingerprint, next.ExpiresAt);
        }
        else
        {
            _state.Refuse(faults);
            LogRefused(_state.Current.Fingerprint, string.Join("; ", faults));
        }
    }

    private UInt128 Fingerprint()
    {
        var hash = new XxHash128();
        var settings = _state.Current.Settings;
        foreach (var file in new[] { settings.CertFile, settings.KeyFile, settings.ClientCaFile })
        {
            hash.Append(ContentOf(file));
            hash.Append("\0"u8);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    private static byte[] ContentOf(string? file)
    {
        try
        {
            return file is null ? [] : File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Loading says what is wrong with it.
            return [];
        }
    }

    [LoggerMessage(EventIds.TlsInForce, LogLevel.Information, "TLS certificate {Fingerprint} is in force for new connections, good until {ExpiresAt}")]
    private partial void LogInForce(string fingerprint, DateTimeOffset expiresAt);

    [LoggerMessage(EventIds.TlsRefused, LogLevel.Error, "the changed TLS files were refused, and certificate {Fingerprint} stays in force: {Faults}")]
    private partial void LogRefused(string fingerprint, string faults);
}
