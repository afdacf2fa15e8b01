using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.Jobs;

namespace StellaOps.Telemetry.CaptureWorker.Api;

/// <summary>Counts who follows captures by events: each costs a connection and a query now and then.</summary>
internal sealed class EventClients(IOptions<CaptureOptions> options)
{
    private int _count;

    /// <summary>Takes a place; null when there is none left. Give it back by disposing of it.</summary>
    public IDisposable? TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= options.Value.MaxEventClients)
        {
            return new Place(this);
        }

        Interlocked.Decrement(ref _count);
        return null;
    }

    private sealed class Place(EventClients clients) : IDisposable
    {
        private int _left;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _left, 1) == 0)
            {
                Interlocked.Decrement(ref clients._count);
            }
        }
    }
}
