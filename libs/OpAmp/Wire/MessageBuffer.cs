using System.Buffers;

namespace StellaOps.Telemetry.OpAmp.Wire;

/// <summary>
/// Collects one message in a rented array that grows with what has come, never with what a sender claims. Between messages it holds none.
/// </summary>
internal sealed class MessageBuffer : IDisposable
{
    private const int FirstSize = 4096;

    private byte[]? _array;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Written => _array.AsSpan(0, Length);

    /// <summary>Room for more bytes, at least one.</summary>
    public Memory<byte> Room()
    {
        if (_array is null)
        {
            _array = ArrayPool<byte>.Shared.Rent(FirstSize);
        }
        else if (Length == _array.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(2 * Length);
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_array);
            _array = larger;
        }

        return _array.AsMemory(Length);
    }

    public void Advance(int bytes) => Length += bytes;

    /// <summary>Gives the array back; the next message begins anew.</summary>
    public void Dispose()
    {
        if (_array is { } array)
        {
            (_array, Length) = (null, 0);
            ArrayPool<byte>.Shared.Return(array);
        }
    }
}
