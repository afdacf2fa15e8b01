using System.Buffers;
using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Archive.Frames;

/// <summary>
/// What bundles need to know of OTLP: whether a frame is the canonical form of one record, its event time and service, and which comes first.
/// Not for use by two threads at once.
/// </summary>
public sealed class OtlpFrameInspector : IFrameInspector
{
    private readonly ArrayBufferWriter<byte> _canonical = new();

    // Services repeat from frame to frame.
    private string _lastService = "";
    private byte[] _lastServiceUtf8 = [];

    /// <inheritdoc/>
    public bool TryInspect(Signal signal, ReadOnlySpan<byte> frame, out FrameFacts facts)
    {
        facts = default;
        var reader = new RecordReader((OtlpSignal)signal, frame);
        if (!reader.TryRead(out var record))
        {
            return false;
        }

        // The one check that leaves nothing out: writing the record again gives these very bytes.
        _canonical.ResetWrittenCount();
        CanonicalFrame.Write(record, _canonical);
        if (!_canonical.WrittenSpan.SequenceEqual(frame) || reader.TryRead(out _) || reader.IsMalformed)
        {
            return false;
        }

        facts = new FrameFacts(record.EventTimeUnixNano, ResourceView.TryGetServiceName(record.Resource, out var service) ? NameOf(service) : null);
        return true;
    }

    /// <inheritdoc/>
    public int Compare(Signal signal, ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        CanonicalFrame.TryReadKey((OtlpSignal)signal, left, out var leftKey);
        CanonicalFrame.TryReadKey((OtlpSignal)signal, right, out var rightKey);
        return CanonicalFrame.Compare(leftKey, left, rightKey, right);
    }

    private string NameOf(ReadOnlySpan<byte> utf8)
    {
        if (!utf8.SequenceEqual(_lastServiceUtf8))
        {
            _lastServiceUtf8 = utf8.ToArray();
            _lastService = Encoding.UTF8.GetString(utf8);
        }

        return _lastService;
    }
}
