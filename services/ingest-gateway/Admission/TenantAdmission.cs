using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>What one tenant has in flight, and what is left of its quota.</summary>
internal sealed class TenantAdmission
{
    private readonly TokenBucket? _records;
    private readonly TokenBucket? _bytes;
    private int _inFlight;

    public TenantAdmission(TenantQuota quota, QuotaSettings settings, TimeProvider time)
    {
        Settings = settings;
        _records = quota.RecordsPerSecond is { } records ? new TokenBucket(records, quota.Burst, time) : null;
        _bytes = quota.BytesPerSecond is { } bytes ? new TokenBucket(bytes, quota.Burst, time) : null;
    }

    /// <summary>By which its quota was made.</summary>
    public QuotaSettings Settings { get; }

    public int InFlight => Volatile.Read(ref _inFlight);

    public bool TryEnter(int max)
    {
        if (Interlocked.Increment(ref _inFlight) <= max)
        {
            return true;
        }

        Interlocked.Decrement(ref _inFlight);
        return false;
    }

    public void Leave() => Interlocked.Decrement(ref _inFlight);

    /// <summary>Zero when a request may pass, else how long until one may.</summary>
    public TimeSpan Wait()
    {
        var records = _records?.Wait() ?? TimeSpan.Zero;
        var bytes = _bytes?.Wait() ?? TimeSpan.Zero;
        return records > bytes ? records : bytes;
    }

    public void Charge(int records, int bytes)
    {
        _records?.Take(records);
        _bytes?.Take(bytes);
    }
}
