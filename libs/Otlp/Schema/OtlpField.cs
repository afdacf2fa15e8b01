using System.Text;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp.Schema;

/// <summary>One field of one message.</summary>
public sealed class OtlpField
{
    private readonly byte[] _jsonNameUtf8;

    internal OtlpField(int number, string jsonName, OtlpFieldType type, OtlpMessage message, bool repeated, bool optional)
    {
        Number = number;
        JsonName = jsonName;
        _jsonNameUtf8 = Encoding.UTF8.GetBytes(jsonName);
        Type = type;
        Message = message;
        Repeated = repeated;
        Optional = optional;
    }

    /// <summary>Its number on the wire.</summary>
    public int Number { get; }

    /// <summary>Its lowerCamelCase key in OTLP/JSON.</summary>
    public string JsonName { get; }

    /// <summary><see cref="JsonName"/> in UTF-8.</summary>
    public ReadOnlySpan<byte> JsonNameUtf8 => _jsonNameUtf8;

    /// <summary>What it carries.</summary>
    public OtlpFieldType Type { get; }

    /// <summary>Which message it carries, when <see cref="Type"/> is <see cref="OtlpFieldType.Message"/>.</summary>
    public OtlpMessage Message { get; }

    /// <summary>True for a list. A list of numbers may be packed (length-delimited) or not.</summary>
    public bool Repeated { get; }

    /// <summary>True when zero differs from absent: an `optional` field or a member of a oneof.</summary>
    public bool Optional { get; }

    /// <summary>Wire type of one value, unpacked.</summary>
    public WireType WireType => Type switch
    {
        OtlpFieldType.String or OtlpFieldType.Bytes or OtlpFieldType.TraceId or OtlpFieldType.SpanId or OtlpFieldType.Message => WireType.LengthDelimited,
        OtlpFieldType.Fixed32 => WireType.Fixed32,
        OtlpFieldType.Fixed64 or OtlpFieldType.SFixed64 or OtlpFieldType.Double => WireType.Fixed64,
        _ => WireType.Varint,
    };
}
