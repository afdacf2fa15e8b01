using System.Buffers.Binary;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Evidence.Tests.TestServices;

/// <summary>Frames of a form that only tests have: 8 bytes of time, a service's length and name, and a text.</summary>
internal sealed class TestFrames : IFrameInspector
{
    public static byte[] Frame(ulong time, string service, string text)
    {
        var name = Encoding.UTF8.GetBytes(service);
        var frame = new byte[9];
        BinaryPrimitives.WriteUInt64BigEndian(frame, time);
        frame[8] = (byte)name.Length;
        return [.. frame, .. name, .. Encoding.UTF8.GetBytes(text)];
    }

    public bool TryInspect(Signal signal, ReadOnlySpan<byte> frame, out FrameFacts facts)
    {
        facts = default;
        if (frame.Length < 9 || frame.Length < 9 + frame[8])
        {
            return false;
        }

        facts = new FrameFacts(BinaryPrimitives.ReadUInt64BigEndian(frame), frame[8] == 0 ? null : Encoding.UTF8.GetString(frame.Slice(9, frame[8])));
        return true;
    }

    public int Compare(Signal signal, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) => left.SequenceCompareTo(right);

    public static Dictionary<Signal, IAsyncEnumerable<ReadOnlyMemory<byte>>> Of(params (Signal Signal, byte[] Frame)[] frames) =>
        frames.GroupBy(f => f.Signal).ToDictionary(g => g.Key, g => g.Select(f => (ReadOnlyMemory<byte>)f.Frame).ToAsyncEnumerable());

    /// <summary>Some records of all signals, in order.</summary>
    public static (Signal Signal, byte[] Frame)[] Sample(int perSignal) =>
    [
        .. new[] { Signal.Traces, Signal.Metrics, Signal.Logs }.SelectMany(signal => Enumerable.Range(0, perSignal)
            .Select(i => (signal, Frame((ulong)(1000 + i), i % 3 == 0 ? "" : $"service-{i % 3}", $"{signal.ToName()} record {i} {new string((char)('a' + (i % 26)), 40)}")))),
    ];
}
