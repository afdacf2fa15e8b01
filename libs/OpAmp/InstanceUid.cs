using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;

namespace StellaOps.Telemetry.OpAmp;

/// <summary>The globally unique name of an agent's instance: 16 bytes, on the wire in network order, shown as a UUID is.</summary>
public readonly record struct InstanceUid
{
    /// <summary>Bytes on the wire.</summary>
    public const int Length = 16;

    /// <summary>The uid that is this UUID.</summary>
    public InstanceUid(Guid value) => Value = value;

    /// <summary>As a UUID.</summary>
    public Guid Value { get; }

    /// <summary>A new one: a UUID of version 7.</summary>
    public static InstanceUid New(DateTimeOffset now) => new(Guid.CreateVersion7(now));

    /// <summary>Reads the wire's form; false when it has not 16 bytes.</summary>
    public static bool TryFrom(ByteString bytes, out InstanceUid uid)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var fits = bytes.Length == Length;
        uid = fits ? new InstanceUid(new Guid(bytes.Span, bigEndian: true)) : default;
        return fits;
    }

    /// <summary>Reads the canonical text, <c>f81d4fae-7dec-11d0-a765-00a0c91e6bf6</c>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out InstanceUid uid)
    {
        var isUuid = Guid.TryParseExact(text, "D", out var value);
        uid = new InstanceUid(value);
        return isUuid;
    }

    /// <summary>As it stands on the wire.</summary>
    public ByteString ToByteString()
    {
        Span<byte> bytes = stackalloc byte[Length];
        Value.TryWriteBytes(bytes, bigEndian: true, out _);
        return ByteString.CopyFrom(bytes);
    }

    /// <summary>The canonical text.</summary>
    public override string ToString() => Value.ToString("D");
}
