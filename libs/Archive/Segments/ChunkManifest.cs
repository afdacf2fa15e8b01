using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// What stands beside a segment, in RFC 8785 form. Written last and never changed: a segment without its manifest does not exist.
/// 64-bit numbers are decimal text, because JSON's numbers are doubles.
/// </summary>
/// <param name="Segment">The segment's name, without suffix.</param>
/// <param name="StoredSha256">Of the stored (compressed) bytes, lower-case hex.</param>
/// <param name="ContentSha256">Of the frames, uncompressed.</param>
/// <param name="Records">Records that the frames carry (of partial frames: the kept ones).</param>
/// <param name="Batches">Frames.</param>
/// <param name="AcceptedFrom">Accepted-at of the earliest frame, unix nanoseconds.</param>
/// <param name="AcceptedTo">Accepted-at of the latest frame, inclusive.</param>
/// <param name="Services">The <c>service.name</c>s of all resources, sorted by UTF-16 code units; "" stands for resources without one.</param>
/// <param name="EventFrom">Earliest event time, unix nanoseconds; null when no record has one. Last, and optional: a null member is not written.</param>
public sealed record ChunkManifest(
    string Schema,
    string Segment,
    TenantId Tenant,
    Signal Signal,
    string Tier,
    string GatewayId,
    string SequenceFrom,
    string SequenceTo,
    string AcceptedFrom,
    string AcceptedTo,
    IReadOnlyList<string> Services,
    long Records,
    long Batches,
    long StoredBytes,
    string StoredSha256,
    long ContentBytes,
    string ContentSha256,
    string? EventFrom = null,
    string? EventTo = null)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/chunk/v1";

    /// <summary>The longest manifest that is read, in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>Accepted-at of the earliest frame.</summary>
    [JsonIgnore]
    public long AcceptedFromUnixNano => long.Parse(AcceptedFrom, CultureInfo.InvariantCulture);

    /// <summary>Accepted-at of the latest frame.</summary>
    [JsonIgnore]
    public long AcceptedToUnixNano => long.Parse(AcceptedTo, CultureInfo.InvariantCulture);

    /// <summary>Key of the segment.</summary>
    [JsonIgnore]
    public string SegmentKey => ArchiveLayout.HourPrefix(Tenant, Signal, AcceptedFromUnixNano) + Segment + ArchiveLayout.SegmentSuffix;

    /// <summary>Key of this manifest.</summary>
    [JsonIgnore]
    public string ManifestKey => ArchiveLayout.HourPrefix(Tenant, Signal, AcceptedFromUnixNano) + Segment + ArchiveLayout.ManifestSuffix;

    /// <summary>Key of what stands there once the chunk was taken away.</summary>
    [JsonIgnore]
    public string TombstoneKey => ArchiveLayout.HourPrefix(Tenant, Signal, AcceptedFromUnixNano) + Segment + ArchiveLayout.TombstoneSuffix;

    /// <summary>Whether its members go together.</summary>
    [JsonIgnore]
    internal bool IsSound =>
        Schema == SchemaId && Segment.Length > 0 && Objects.ObjectKey.IsPart(Segment)
        && IsLong(AcceptedFrom) && IsLong(AcceptedTo) && AcceptedFromUnixNano <= AcceptedToUnixNano
        && ArchiveLayout.HourOf(AcceptedFromUnixNano) == ArchiveLayout.HourOf(AcceptedToUnixNano)
        && (EventFrom is null) == (EventTo is null)
        && Records >= 0 && Batches > 0 && StoredBytes > 0 && ContentBytes > 0;

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, ArchiveJson.Default.ChunkManifest);

    /// <summary>Reads a manifest; false on anything that <see cref="ToJson"/> cannot have written.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out ChunkManifest? manifest)
    {
        manifest = null;
        try
        {
            var read = JsonSerializer.Deserialize(json.Span, ArchiveJson.Default.ChunkManifest);
            if (read is not { IsSound: true } || !read.ToJson().AsSpan().SequenceEqual(json.Span))
            {
                return false;
            }

            manifest = read;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is the parser's way to say that a string is no Unicode.
            return false;
        }
    }

    /// <summary>Whether the text is a number from 0 up as it is written, without leading zeros.</summary>
    internal static bool IsLong(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value.ToString(CultureInfo.InvariantCulture) == text;
}

/// <summary>JSON of the archive's documents.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    UseStringEnumConverter = true,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    AllowDuplicateProperties = false,
    PropertyNameCaseInsensitive = false)]
[JsonSerializable(typeof(ChunkManifest))]
[JsonSerializable(typeof(Tombstone))]
[JsonSerializable(typeof(DayRoot))]
[JsonSerializable(typeof(InclusionProof))]
internal sealed partial class ArchiveJson : JsonSerializerContext;
