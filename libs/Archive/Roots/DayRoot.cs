using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>
/// One link of a tenant's chain of day roots, in RFC 8785 form: docs/formats/archive-integrity.md. 64-bit numbers are decimal text.
/// </summary>
/// <param name="Number">Its place in the tenant's chain, from 1, without holes.</param>
/// <param name="Day">UTC, <c>yyyy-MM-dd</c>.</param>
/// <param name="Leaves">Chunk manifests of that day, also of chunks that were taken away since.</param>
/// <param name="TreeHead">Head of the Merkle tree over the manifests' SHA-256, lower-case hex.</param>
/// <param name="LeavesSha256">Of the list of leaves beside it.</param>
/// <param name="WrittenAt">Unix nanoseconds.</param>
/// <param name="Previous">SHA-256 of the root document before it in the chain; absent of the first.</param>
/// <param name="Continues">Number of the same day's root before it, whose leaves are this one's first; absent of a day's first.</param>
public sealed record DayRoot(
    string Schema,
    TenantId Tenant,
    string Number,
    string Day,
    string Leaves,
    string TreeHead,
    string LeavesSha256,
    string WrittenAt,
    string? Previous = null,
    string? Continues = null)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/root/v1";

    /// <summary>The predicate type of the attestation.</summary>
    public const string PredicateType = "https://stella-ops.org/telemetry/day-root/v1";

    /// <summary>The longest document that is read, in bytes.</summary>
    public const int MaxBytes = 4 * 1024;

    /// <summary><see cref="Number"/>.</summary>
    [JsonIgnore]
    public long NumberValue => long.Parse(Number, CultureInfo.InvariantCulture);

    /// <summary><see cref="Leaves"/>.</summary>
    [JsonIgnore]
    public long LeavesValue => long.Parse(Leaves, CultureInfo.InvariantCulture);

    /// <summary><see cref="Continues"/>.</summary>
    [JsonIgnore]
    public long? ContinuesValue => Continues is null ? null : long.Parse(Continues, CultureInfo.InvariantCulture);

    /// <summary><see cref="Day"/>.</summary>
    [JsonIgnore]
    public DateOnly DayValue => DateOnly.ParseExact(Day, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Key of the document.</summary>
    [JsonIgnore]
    public string Key => ArchiveLayout.RootKey(Tenant, NumberValue, ArchiveLayout.RootSuffix);

    /// <summary>Key of its attestation.</summary>
    [JsonIgnore]
    public string AttestationKey => ArchiveLayout.RootKey(Tenant, NumberValue, ArchiveLayout.RootAttestationSuffix);

    /// <summary>Key of its list of leaves.</summary>
    [JsonIgnore]
    public string LeavesKey => ArchiveLayout.RootKey(Tenant, NumberValue, ArchiveLayout.RootLeavesSuffix);

    /// <summary>What the next root names: the SHA-256 of <see cref="ToJson"/>, lower-case hex.</summary>
    [JsonIgnore]
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(ToJson()));

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, ArchiveJson.Default.DayRoot);

    /// <summary>Reads a root; false on anything that <see cref="ToJson"/> cannot have written.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out DayRoot? root)
    {
        root = null;
        try
        {
            var read = JsonSerializer.Deserialize(json, ArchiveJson.Default.DayRoot);
            if (read is not { Schema: SchemaId } || !IsSound(read) || !read.ToJson().AsSpan().SequenceEqual(json))
            {
                return false;
            }

            root = read;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is the parser's way to say that a string is no Unicode.
            return false;
        }
    }

    private static bool IsSound(DayRoot r) =>
        IsLong(r.Number, 1) && IsLong(r.Leaves, 1) && IsLong(r.WrittenAt, 0) && (r.Continues is null || IsLong(r.Continues, 1))
        && DateOnly.TryParseExact(r.Day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
        && RootLeaf.IsSha256(r.TreeHead) && RootLeaf.IsSha256(r.LeavesSha256) && (r.Previous is null ? r.NumberValue == 1 : r.NumberValue > 1 && RootLeaf.IsSha256(r.Previous));

    private static bool IsLong(string text, long least) => ChunkManifest.IsLong(text) && long.Parse(text, CultureInfo.InvariantCulture) >= least;
}
