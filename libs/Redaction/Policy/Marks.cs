namespace StellaOps.Telemetry.Redaction;

/// <summary>Fixed marks.</summary>
internal static class Marks
{
    /// <summary>Stands where a key rule masked a value.</summary>
    public static ReadOnlySpan<byte> Redacted => "[redacted]"u8;
}
