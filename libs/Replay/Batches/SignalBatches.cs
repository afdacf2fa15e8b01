using System.Runtime.CompilerServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Replay.Batches;

/// <summary>Cuts frames into batches. One buffer: a batch is valid until the next.</summary>
internal sealed class SignalBatches(BundleReader reader, ReplayBatching batching)
{
    private const ulong NanosPerSecond = 1_000_000_000;

    // Frames laid end to end are one Export request with a resource entry for each: repeated fields of protobuf concatenate.
    private byte[] _buffer = new byte[64 * 1024];
    private int _length;
    private int _records;
    private ulong _first;

    /// <summary>The batches of one signal, or of all in the bundle's order; ordinals are given by whoever puts them in order.</summary>
    public async IAsyncEnumerable<ReplayBatch> ReadAsync(Signal? only, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var current = default(Signal);
        await foreach (var (signal, frame) in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (only is { } wanted && signal != wanted)
            {
                continue;
            }

            CanonicalFrame.TryReadKey((OtlpSignal)signal, frame.Span, out var key);
            if (_records > 0 && (signal != current || IsFull(frame.Length, key.EventTimeUnixNano)))
            {
                yield return Take(current);
            }

            Add(frame.Span, key.EventTimeUnixNano);
            current = signal;
        }

        if (_records > 0)
        {
            yield return Take(current);
        }
    }

    private bool IsFull(int next, ulong eventTime) =>
        _records == batching.MaxRecords || _length + next > batching.MaxBytes || (batching.ByTime && eventTime / NanosPerSecond != _first / NanosPerSecond);

    private void Add(ReadOnlySpan<byte> frame, ulong eventTime)
    {
        if (_records == 0)
        {
            (_length, _first) = (0, eventTime);
        }

        if (_buffer.Length - _length < frame.Length)
        {
            Array.Resize(ref _buffer, Math.Max(_length + frame.Length, _buffer.Length * 2));
        }

        frame.CopyTo(_buffer.AsSpan(_length));
        _length += frame.Length;
        _records++;
    }

    private ReplayBatch Take(Signal signal)
    {
        var batch = new ReplayBatch(0, signal, _records, _buffer.AsMemory(0, _length), _first);
        _records = 0;
        return batch;
    }
}
