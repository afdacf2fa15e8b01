namespace StellaOps.Telemetry.Redaction.Keys;

/// <summary>The attributes in which a record says what was redacted in it; the Collector's redaction processor names them so.</summary>
internal static class SummaryKeys
{
    public const int MaskedKeys = 0;
    public const int MaskedCount = 1;
    public const int RedactedKeys = 2;
    public const int RedactedCount = 3;

    private static readonly string[] s_names = ["redaction.masked.keys", "redaction.masked.count", "redaction.redacted.keys", "redaction.redacted.count"];

    private static readonly byte[][] s_bytes = [.. s_names.Select(System.Text.Encoding.ASCII.GetBytes)];

    public static int IndexOf(string key) => Array.IndexOf(s_names, key);

    public static ReadOnlySpan<byte> Name(int index) => s_bytes[index];
}
