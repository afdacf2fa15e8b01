namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>Bounds the bytes of bodies held at once: the gateway sheds by refusing, never by growing.</summary>
internal sealed class InFlightBudget(long limit)
{
    private long _held;

    public long Held => Interlocked.Read(ref _held);

    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _held, bytes) <= limit)
        {
            return true;
        }

        Interlocked.Add(ref _held, -bytes);
        return false;
    }

    public void Return(int bytes) => Interlocked.Add(ref _held, -bytes);
}
