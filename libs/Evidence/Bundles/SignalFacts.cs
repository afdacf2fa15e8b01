using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>Gathers what the manifest tells of one signal, frame by frame; the writer's and the verifier's alike.</summary>
internal sealed class SignalFacts(Signal signal, IFrameInspector inspector) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly SortedSet<string> _services = new(StringComparer.Ordinal);
    private byte[] _last = [];
    private int _lastLength;
    private ulong _first;
    private ulong _latest;
    private long _bytes;

    public long Records { get; private set; }

    /// <summary>Takes the next frame; otherwise says why not.</summary>
    public string? Add(ReadOnlySpan<byte> frame)
    {
        if (frame.Length > BundleFormat.MaxFrameBytes)
        {
            return "it is too long";
        }

        if (!inspector.TryInspect(signal, frame, out var facts))
        {
            return "it is not in canonical form";
        }

        if (Records > 0 && inspector.Compare(signal, _last.AsSpan(0, _lastLength), frame) > 0)
        {
            return "it stands after one that it must precede";
        }

        if (_last.Length < frame.Length)
        {
            _last = new byte[Math.Max(frame.Length, 2 * _last.Length)];
        }

        frame.CopyTo(_last);
        _lastLength = frame.Length;
        Span<byte> length = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, frame.Length);
        _hash.AppendData(length);
        _hash.AppendData(frame);
        _first = Records == 0 ? facts.EventTimeUnixNano : Math.Min(_first, facts.EventTimeUnixNano);
        _latest = Math.Max(_latest, facts.EventTimeUnixNano);
        if (facts.Service is { } service)
        {
            _services.Add(service);
        }

        _bytes += 4 + frame.Length;
        Records++;
        return null;
    }

    public BundleSignal ToSignal() => new(
        Records,
        _bytes,
        _first.ToString(CultureInfo.InvariantCulture),
        _latest.ToString(CultureInfo.InvariantCulture),
        [.. _services],
        Convert.ToHexStringLower(_hash.GetCurrentHash()));

    public void Dispose() => _hash.Dispose();
}
