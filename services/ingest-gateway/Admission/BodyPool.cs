using System.Numerics;

namespace StellaOps.Telemetry.IngestGateway.Admission;

/// <summary>
/// Arrays for bodies and for nothing else. A body holds unredacted personal data; the shared pool would hand its array to any code of the
/// process, so every body would have to be wiped. Here the next to see it is the next body, which reads nothing beyond what it wrote itself.
/// </summary>
internal sealed class BodyPool
{
    /// <summary>Smaller ones are not worth a shelf: a usual batch is larger.</summary>
    public const int MinBytes = 32 * 1024;

    /// <summary>What may lie here unused: some hundred usual batches. What is over goes to the collector.</summary>
    private const long MaxIdleBytes = 32L << 20;

    private static readonly int s_firstLog = BitOperations.Log2(MinBytes);

    private readonly Shelf[] _shelves = [.. Enumerable.Range(0, 31 - s_firstLog).Select(_ => new Shelf())];
    private long _idle;

    public static BodyPool Shared { get; } = new();

    /// <summary>Bytes that lie here unused.</summary>
    public long IdleBytes => Interlocked.Read(ref _idle);

    /// <summary>An array of at least so many bytes; what is in it is undefined.</summary>
    public byte[] Rent(int bytes)
    {
        var length = (int)Math.Max(MinBytes, BitOperations.RoundUpToPowerOf2((uint)bytes));
        if (ShelfOf(length).TryTake() is not { } array)
        {
            return GC.AllocateUninitializedArray<byte>(length);
        }

        Interlocked.Add(ref _idle, -length);
        return array;
    }

    public void Return(byte[] array)
    {
        if (Interlocked.Add(ref _idle, array.Length) <= MaxIdleBytes)
        {
            ShelfOf(array.Length).Put(array);
        }
        else
        {
            Interlocked.Add(ref _idle, -array.Length);
        }
    }

    private Shelf ShelfOf(int length) => _shelves[BitOperations.Log2((uint)length) - s_firstLog];

    /// <summary>Last in, first out: what was used last is still in the processor's cache.</summary>
    private sealed class Shelf
    {
        private readonly Lock _lock = new();
        private readonly Stack<byte[]> _arrays = new();

        public byte[]? TryTake()
        {
            lock (_lock)
            {
                return _arrays.TryPop(out var array) ? array : null;
            }
        }

        public void Put(byte[] array)
        {
            lock (_lock)
            {
                _arrays.Push(array);
            }
        }
    }
}
