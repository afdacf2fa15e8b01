using System.Text;
using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>
/// Attributes to append to records, encoded once. An exporter makes one per stamp and hands it to
/// <see cref="OtlpSlicer.Slice(OtlpSignal, ReadOnlySpan{byte}, ReadOnlySpan{int}, ReadOnlySpan{AttributeSet}, System.Buffers.IBufferWriter{byte})"/>.
/// </summary>
public sealed class AttributeSet
{
    private readonly List<byte[]> _keyValues = [];
    private int _length;

    /// <summary>Adds a string.</summary>
    public AttributeSet Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        var text = Encoding.UTF8.GetBytes(value);
        var any = new byte[WireSize.LengthDelimited(CommonFields.AnyValue.StringValue, text.Length)];
        var writer = new WireWriter(any);
        writer.WriteField(CommonFields.AnyValue.StringValue, text);
        return Add(key, any);
    }

    /// <summary>Adds a number.</summary>
    public AttributeSet Add(string key, double value)
    {
        ArgumentNullException.ThrowIfNull(key);
        var any = new byte[WireSize.Tag(CommonFields.AnyValue.DoubleValue) + sizeof(double)];
        var writer = new WireWriter(any);
        writer.WriteField(CommonFields.AnyValue.DoubleValue, value);
        return Add(key, any);
    }

    internal int MeasureAs(int fieldNumber) => (_keyValues.Count * WireSize.Tag(fieldNumber)) + _length;

    internal void WriteAs(int fieldNumber, ref WireWriter writer)
    {
        foreach (var keyValue in _keyValues)
        {
            writer.WriteField(fieldNumber, keyValue);
        }
    }

    private AttributeSet Add(string key, byte[] any)
    {
        var name = Encoding.UTF8.GetBytes(key);
        var keyValue = new byte[WireSize.LengthDelimited(CommonFields.KeyValue.Key, name.Length) + WireSize.LengthDelimited(CommonFields.KeyValue.Value, any.Length)];
        var writer = new WireWriter(keyValue);
        writer.WriteField(CommonFields.KeyValue.Key, name);
        writer.WriteField(CommonFields.KeyValue.Value, any);
        _keyValues.Add(keyValue);
        _length += WireSize.Varint((ulong)keyValue.Length) + keyValue.Length;
        return this;
    }
}
