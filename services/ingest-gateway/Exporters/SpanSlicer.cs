using System.Buffers;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Copies the kept spans of a trace request, byte for byte, and on demand appends their stamps as attributes. Reused by one thread.
/// </summary>
internal sealed class SpanSlicer
{
    private readonly ArrayBufferWriter<byte> _group = new();
    private readonly ArrayBufferWriter<byte> _scope = new();
    private readonly ArrayBufferWriter<byte> _stamp = new();

    /// <param name="stamps">Null: none are materialised.</param>
    public void Slice(ReadOnlySpan<byte> request, IReadOnlyList<KeptRecord> kept, IReadOnlyList<Stamp>? stamps, IBufferWriter<byte> output)
    {
        var index = 0;
        var at = 0;
        var groups = new WireReader(request);
        while (groups.TryReadField())
        {
            if (groups is not { FieldNumber: 1, WireType: WireType.LengthDelimited })
            {
                output.Write(groups.Field);
                continue;
            }

            _group.ResetWrittenCount();
            var hasSpans = false;
            var group = new WireReader(groups.Content);
            while (group.TryReadField())
            {
                if (group is not { FieldNumber: 2, WireType: WireType.LengthDelimited })
                {
                    _group.Write(group.Field);
                    continue;
                }

                _scope.ResetWrittenCount();
                var before = at;
                var scope = new WireReader(group.Content);
                while (scope.TryReadField())
                {
                    if (scope is not { FieldNumber: 2, WireType: WireType.LengthDelimited })
                    {
                        _scope.Write(scope.Field);
                        continue;
                    }

                    if (at < kept.Count && kept[at].Index == index)
                    {
                        WriteSpan(scope.Content, stamps?[kept[at].Stamp]);
                        at++;
                    }

                    index++;
                }

                if (at > before)
                {
                    WriteField(_group, 2, _scope.WrittenSpan);
                    hasSpans = true;
                }
            }

            if (hasSpans)
            {
                WriteField(output, 1, _group.WrittenSpan);
            }
        }
    }

    private static void WriteField(IBufferWriter<byte> output, int field, ReadOnlySpan<byte> content)
    {
        WriteHeader(output, field, content.Length);
        output.Write(content);
    }

    private static void WriteHeader(IBufferWriter<byte> output, int field, int length)
    {
        var span = output.GetSpan(12);
        var at = 0;
        WriteVarint(span, ref at, ((uint)field << 3) | 2);
        WriteVarint(span, ref at, (uint)length);
        output.Advance(at);
    }

    private static void WriteVarint(Span<byte> span, ref int at, uint value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            span[at++] = (byte)(value | 0x80);
        }

        span[at++] = (byte)value;
    }

    private void WriteSpan(ReadOnlySpan<byte> span, Stamp? stamp)
    {
        if (stamp is null)
        {
            WriteField(_scope, 2, span);
            return;
        }

        _stamp.ResetWrittenCount();
        WriteText("stella.sampling.policy"u8, stamp.Policy);
        WriteNumber("stella.sampling.rate"u8, stamp.Rate);
        if (stamp.IncidentId is not null)
        {
            WriteText("stella.incident.id"u8, stamp.IncidentId);
        }

        WriteHeader(_scope, 2, span.Length + _stamp.WrittenCount);
        _scope.Write(span);
        _scope.Write(_stamp.WrittenSpan);
    }

    private void WriteText(ReadOnlySpan<byte> key, string text)
    {
        var value = new ArrayBufferWriter<byte>();
        WriteField(value, 1, System.Text.Encoding.UTF8.GetBytes(text));
        WriteAttribute(key, value.WrittenSpan);
    }

    private void WriteNumber(ReadOnlySpan<byte> key, double number)
    {
        Span<byte> value = stackalloc byte[9];
        value[0] = (4 << 3) | 1;
        System.Buffers.Binary.BinaryPrimitives.WriteDoubleLittleEndian(value[1..], number);
        WriteAttribute(key, value);
    }

    private void WriteAttribute(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        var pair = new ArrayBufferWriter<byte>();
        WriteField(pair, 1, key);
        WriteField(pair, 2, value);
        WriteField(_stamp, 9, pair.WrittenSpan);
    }
}
