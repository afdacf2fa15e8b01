namespace StellaOps.Telemetry.IngestGateway.Pipeline;

/// <summary>Wakes whoever waits now. Costs nothing when nobody does; a waiter takes its task first and looks at the condition afterwards.</summary>
internal sealed class PulseSignal
{
    private TaskCompletionSource? _waiter;

    /// <summary>Completes at the next <see cref="Pulse"/>.</summary>
    public Task NextAsync()
    {
        var fresh = default(TaskCompletionSource);
        while (true)
        {
            if (Volatile.Read(ref _waiter) is { } current)
            {
                return current.Task;
            }

            fresh ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (Interlocked.CompareExchange(ref _waiter, fresh, null) is null)
            {
                return fresh.Task;
            }
        }
    }

    /// <summary>Wakes all.</summary>
    public void Pulse() => Interlocked.Exchange(ref _waiter, null)?.TrySetResult();
}
