using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Archive.Tombstones;

/// <summary>
/// What stands where a chunk was: docs/formats/archive-integrity.md. RFC 8785 form inside a DSSE envelope (<see cref="TombstoneStore"/>).
/// </summary>
/// <param name="Manifest">The chunk's manifest, verbatim: its digest, and so every older inclusion proof, can still be verified.</param>
/// <param name="Rule">What asked for it, in words for people: <c>tier default of tenant acme keeps traces for 30 days</c>.</param>
/// <param name="DeletedAt">Unix nanoseconds, decimal text.</param>
/// <param name="ReplacedBy">Names of the segments, in the same folder, that hold its frames now. Of a compacted chunk only, and then at least one.</param>
public sealed record Tombstone(
    string Schema,
    ChunkManifest Manifest,
    TombstoneReason Reason,
    string Rule,
    string DeletedAt,
    IReadOnlyList<string>? ReplacedBy = null)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/tombstone/v1";

    /// <summary>The envelope's payload type.</summary>
    public const string PayloadType = "application/vnd.stella-ops.tombstone.v1+json";

    /// <summary>The longest envelope that is read, in bytes: a manifest of the greatest length in base64, and some room.</summary>
    public const int MaxBytes = 8 * 1024 * 1024;

    private const int MaxRuleLength = 1024;

    /// <summary>Of a chunk that retention took.</summary>
    /// <param name="reason"><see cref="TombstoneReason.Expired"/> or <see cref="TombstoneReason.Size"/>.</param>
    public static Tombstone Deleted(ChunkManifest manifest, TombstoneReason reason, string rule, DateTimeOffset deletedAt) =>
        Checked(new Tombstone(SchemaId, manifest, reason, rule, UnixNano(deletedAt)));

    /// <summary>Of a chunk whose frames stand in other chunks of the same folder now.</summary>
    public static Tombstone Compacted(ChunkManifest manifest, IReadOnlyList<string> replacedBy, string rule, DateTimeOffset deletedAt) =>
        Checked(new Tombstone(SchemaId, manifest, TombstoneReason.Compacted, rule, UnixNano(deletedAt), replacedBy));

    /// <summary>Where it stands: beside where the manifest was.</summary>
    [JsonIgnore]
    public string Key => Manifest.TombstoneKey;

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, ArchiveJson.Default.Tombstone);

    /// <summary>Reads the payload of an envelope; false on anything that <see cref="ToJson"/> cannot have written.</summary>
    public static bool TryParse(ReadOnlySpan<byte> json, [NotNullWhen(true)] out Tombstone? tombstone)
    {
        tombstone = null;
        try
        {
            var read = JsonSerializer.Deserialize(json, ArchiveJson.Default.Tombstone);
            if (read is not { Schema: SchemaId } || !IsSound(read) || !read.ToJson().AsSpan().SequenceEqual(json))
            {
                return false;
            }

            tombstone = read;
            return true;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is the parser's way to say that a string is no Unicode.
            return false;
        }
    }

    private static Tombstone Checked(Tombstone tombstone) => IsSound(tombstone)
        ? tombstone
        : throw new ArgumentException($"the tombstone of '{tombstone.Manifest.Segment}' has a reason, a rule or replacements that do not go together");

    private static bool IsSound(Tombstone t) =>
        t.Manifest.IsSound && Enum.IsDefined(t.Reason) && t.Rule.Length is > 0 and <= MaxRuleLength
        && ChunkManifest.IsLong(t.DeletedAt)
        && (t.Reason == TombstoneReason.Compacted
            ? t.ReplacedBy is { Count: > 0 } names && names.All(n => ObjectKey.IsPart(n) && n != t.Manifest.Segment)
            : t.ReplacedBy is null);

    private static string UnixNano(DateTimeOffset at) => ((at - DateTimeOffset.UnixEpoch).Ticks * 100).ToString(CultureInfo.InvariantCulture);
}
