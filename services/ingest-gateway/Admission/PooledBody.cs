using System.Buffers;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>
/// One contiguous body in a rented array that grows as bytes come, never by a length that the sender claims. One owner disposes it once.
/// As an <see cref="IBufferWriter{T}"/> it throws <see cref="BodyLimitException"/> where it may not grow.
/// </summary>
internal sealed class PooledBody(InFlightBudget budget, int maxBytes, IngestStatus tooLarge) : IBufferWriter<byte>, IDisposable
{
    private byte[] _array = [];

    public int Length { get; private set; }

    /// <summary>How many more bytes it may hold.</summary>
    public int Remaining => maxBytes - Length;

    /// <summary>What it is when it may not grow.</summary>
    public IngestStatus TooLarge => tooLarge;

    public ReadOnlyMemory<byte> Memory => _array.AsMemory(0, Length);

    public ReadOnlySpan<byte> Span => _array.AsSpan(0, Length);

    /// <summary>Makes room for at least one more byte; <see cref="IngestStatus.Accepted"/> when there is.</summary>
    public IngestStatus TryReserve(int bytes)
    {
        if (_array.Length - Length >= bytes)
        {
            return IngestStatus.Accepted;
        }

        var needed = (long)Length + bytes;
        if (needed > maxBytes)
        {
            return tooLarge;
        }

        var wanted = (int)Math.Min(Math.Max(needed, Math.Max(BodyPool.MinBytes, _array.Length * 2L)), Math.Max(needed, maxBytes));
        var next = BodyPool.Shared.Rent(wanted);
        if (!budget.TryTake(next.Length))
        {
            BodyPool.Shared.Return(next);
            return IngestStatus.Overloaded;
        }

        Span.CopyTo(next);
        Release();
        _array = next;
        return IngestStatus.Accepted;
    }

    public IngestStatus TryAppend(in ReadOnlySequence<byte> data)
    {
        // A rented array may be longer than what may be held.
        if (data.Length > maxBytes - Length)
        {
            return tooLarge;
        }

        var status = TryReserve((int)data.Length);
        if (status == IngestStatus.Accepted)
        {
            data.CopyTo(_array.AsSpan(Length));
            Length += (int)data.Length;
        }

        return status;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _array.Length - Length);
        if (count > maxBytes - Length)
        {
            throw new BodyLimitException(tooLarge);
        }

        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        var status = TryReserve(Math.Max(sizeHint, 1));
        return status == IngestStatus.Accepted ? _array.AsMemory(Length) : throw new BodyLimitException(status);
    }

    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    public void Dispose()
    {
        Release();
        _array = [];
        Length = 0;
    }

    private void Release()
    {
        if (_array.Length > 0)
        {
            budget.Return(_array.Length);
            BodyPool.Shared.Return(_array);
        }
    }
}

/// <summary>A body may not grow any further.</summary>
internal sealed class BodyLimitException(IngestStatus status) : Exception
{
    public IngestStatus Status => status;
}
