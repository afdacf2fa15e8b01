using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts.Audit;

namespace StellaOps.Telemetry.ServiceDefaults.Audit;

/// <summary>
/// The chain over <c>audit.entries</c>: a row's hash is the SHA-256 of its fields and the previous row's hash, each field written as
/// <c>&lt;bytes&gt;:&lt;UTF-8&gt;\n</c>, or <c>-\n</c> for null, so no two rows have the same text.
/// </summary>
internal static class AuditChain
{
    /// <summary>Previous hash of the first row.</summary>
    public const string Genesis = "0000000000000000000000000000000000000000000000000000000000000000";

    public static string HashOf(AuditEntryResponse row)
    {
        var text = new StringBuilder();
        Append(text, row.Sequence.ToString(CultureInfo.InvariantCulture));
        Append(text, UnixMicroseconds(row.At).ToString(CultureInfo.InvariantCulture));
        Append(text, row.Service);
        Append(text, row.Actor);
        Append(text, row.Action);
        Append(text, row.Tenant);
        Append(text, row.Target);
        Append(text, row.Detail);
        Append(text, row.PreviousHash);
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>PostgreSQL keeps microseconds: what is hashed must be what comes back.</summary>
    public static DateTimeOffset Truncate(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMicrosecond), TimeSpan.Zero);

    private static long UnixMicroseconds(DateTimeOffset at) => (at.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    private static void Append(StringBuilder text, string? field)
    {
        if (field is null)
        {
            text.Append("-\n");
            return;
        }

        text.Append(CultureInfo.InvariantCulture, $"{Encoding.UTF8.GetByteCount(field)}:{field}\n");
    }
}
