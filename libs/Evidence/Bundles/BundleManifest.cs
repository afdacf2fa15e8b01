using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>
/// <c>manifest.json</c> of a bundle, in RFC 8785 form. Holds only what follows from the frames, so that the same records give the same bytes.
/// </summary>
/// <param name="Signals">By name; only signals with records.</param>
public sealed record BundleManifest(string Schema, IReadOnlyDictionary<string, BundleSignal> Signals)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/bundle-manifest/v1";

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, BundleJson.Default.BundleManifest);

    /// <summary>Reads a manifest; false on anything that <see cref="ToJson"/> cannot have written.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out BundleManifest? manifest)
    {
        manifest = null;
        try
        {
            if (!CanonicalJson.IsCanonical(json) || JsonSerializer.Deserialize(json.Span, BundleJson.Default.BundleManifest) is not { Schema: SchemaId } read)
            {
                return false;
            }

            manifest = read;
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}

/// <summary>One signal's frames.</summary>
/// <param name="FirstEventTime">Unix nanoseconds as decimal text.</param>
/// <param name="Services">The <c>service.name</c>s of the records' resources, sorted by UTF-16 code units.</param>
/// <param name="Sha256">Of all its entries' content, one after the other.</param>
public sealed record BundleSignal(long Records, long Bytes, string FirstEventTime, string LastEventTime, IReadOnlyList<string> Services, string Sha256);

/// <summary>Predicate of a bundle's attestation.</summary>
/// <param name="ArchiveHash">As <see cref="BundleFormat.ArchiveHash"/>.</param>
/// <param name="Records">By signal.</param>
public sealed record BundlePredicate(string ArchiveHash, IReadOnlyDictionary<string, long> Records);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(BundleManifest))]
[JsonSerializable(typeof(BundlePredicate))]
internal sealed partial class BundleJson : JsonSerializerContext;
