using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>Whether an exporter's target is tried.</summary>
internal enum CircuitState
{
    Closed,
    Open,
    HalfOpen,
}

/// <summary>
/// Keeps many requests from knocking at a dead target. After some failures in a row nobody is let through for a while (open), then one (half
/// open), whose end decides for all: closed again, or open for twice as long.
/// </summary>
internal sealed class CircuitBreaker(int threshold, TimeSpan firstPause, TimeSpan maxPause, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly PulseSignal _changed = new();
    private CircuitState _state;
    private int _failures;
    private TimeSpan _pause;
    private DateTimeOffset _openUntil;

    public CircuitState State
    {
        get
        {
            lock (_lock)
            {
                return _state;
            }
        }
    }

    /// <summary>Returns when an attempt may be made; it ends in <see cref="Succeeded"/>, <see cref="Failed"/> or <see cref="GaveUp"/>.</summary>
    public async ValueTask EnterAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Task turn;
            lock (_lock)
            {
                if (_state == CircuitState.Closed)
                {
                    return;
                }

                var left = _openUntil - time.GetUtcNow();
                if (_state == CircuitState.Open && left <= TimeSpan.Zero)
                {
                    _state = CircuitState.HalfOpen;
                    return;
                }

                // A delay counts whole milliseconds: one more, or the last part of one would be spun away.
                turn = _state == CircuitState.Open ? Task.Delay(left + TimeSpan.FromMilliseconds(1), time, cancellationToken) : _changed.NextAsync();
            }

            await turn.WaitAsync(cancellationToken);
        }
    }

    /// <summary>The target answered; what, does not matter here.</summary>
    public void Succeeded()
    {
        lock (_lock)
        {
            (_failures, _pause) = (0, TimeSpan.Zero);
            if (_state == CircuitState.Closed)
            {
                return;
            }

            _state = CircuitState.Closed;
        }

        _changed.Pulse();
    }

    /// <summary>The target could not be reached, or asks to be left alone for at least so long.</summary>
    public void Failed(TimeSpan? atLeast)
    {
        lock (_lock)
        {
            _failures++;
            if (_state != CircuitState.HalfOpen && _failures < threshold)
            {
                return;
            }

            // A request that had been let through before may fail later: the pause runs on.
            if (_state != CircuitState.Open)
            {
                _pause = _pause == TimeSpan.Zero ? firstPause : _pause * 2 < maxPause ? _pause * 2 : maxPause;
                var pause = _pause * (0.5 + Random.Shared.NextDouble());
                _openUntil = time.GetUtcNow() + (atLeast > pause ? atLeast.Value : pause);
                _state = CircuitState.Open;
            }
        }

        _changed.Pulse();
    }

    /// <summary>The attempt was broken off by us and says nothing about the target; the next one may try at once.</summary>
    public void GaveUp()
    {
        lock (_lock)
        {
            if (_state != CircuitState.HalfOpen)
            {
                return;
            }

            (_state, _openUntil) = (CircuitState.Open, time.GetUtcNow());
        }

        _changed.Pulse();
    }
}
