using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.ProfileService.Trust;

/// <summary>
/// Looks each second whether the trust file changed, and puts it in force when it is good as a whole. It polls the content: a file that is
/// replaced, linked or mounted raises no event that could be relied on.
/// </summary>
internal sealed partial class TrustWatcher : BackgroundService, IHealthCheck
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(1);

    private readonly TrustState _state;
    private readonly string _file;
    private readonly TimeProvider _time;
    private readonly ILogger<TrustWatcher> _logger;
    private string _judged;
    private string _seen;

    public TrustWatcher(TrustState state, IOptions<TrustOptions> options, TimeProvider time, ILogger<TrustWatcher> logger)
    {
        (_state, _file, _time, _logger) = (state, options.Value.File!, time, logger);
        _judged = _seen = state.Current.Fingerprint;
    }

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(_state.Refused is { } why ? HealthCheckResult.Degraded(why) : HealthCheckResult.Healthy($"trust file {_state.Current.Fingerprint}"));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        Log.InForce(_logger, _file, _state.Current.Fingerprint);
        using var timer = new PeriodicTimer(s_period, _time);
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

    /// <summary>One look. What changed is taken only when it was the same at two: it may be half written.</summary>
    internal void Look()
    {
        var now = TrustModel.FingerprintOf(_file);
        var isSettled = now == _seen;
        _seen = now;
        if (!isSettled || now == _judged)
        {
            return;
        }

        _judged = now;
        if (TrustModel.TryLoad(_file, out var next, out var why))
        {
            _state.Swap(next);
            Log.InForce(_logger, _file, next.Fingerprint);
        }
        else
        {
            _state.Refuse(why);
            Log.Refused(_logger, _state.Current.Fingerprint, why);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.TrustInForce, LogLevel.Information, "Trust file {File} is in force, SHA-256 {Fingerprint}")]
        public static partial void InForce(ILogger logger, string file, string fingerprint);

        [LoggerMessage(EventIds.TrustRefused, LogLevel.Error, "The changed trust file was refused, and the one with SHA-256 {Fingerprint} stays in force: {Reason}")]
        public static partial void Refused(ILogger logger, string fingerprint, string reason);
    }
}
