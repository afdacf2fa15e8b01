using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary><c>kit.json</c>, in RFC 8785 form: what a kit holds, where it comes from, and until when it counts as fresh.</summary>
/// <param name="Version">Of the product; orders kits.</param>
/// <param name="FreshUntil">From then on the kit is reported as old: newer fixes may exist.</param>
/// <param name="Architectures">Runtime identifiers, sorted.</param>
/// <param name="Absent">What a kit can hold and this one does not, with the reason.</param>
/// <param name="Files">All other entries, in ordinal order of their paths.</param>
public sealed record KitManifest(
    string Schema,
    string Name,
    string Version,
    KitSource Source,
    DateTimeOffset FreshUntil,
    IReadOnlyList<string> Architectures,
    IReadOnlyList<KitComponent> Components,
    IReadOnlyList<KitProfile> Profiles,
    IReadOnlyList<KitMigrations> Migrations,
    IReadOnlyList<KitTrustedKey> Trust,
    IReadOnlyList<KitImage> Images,
    IReadOnlyList<KitAbsence> Absent,
    IReadOnlyList<KitFile> Files)
{
    /// <summary>The schema of this form.</summary>
    public const string SchemaId = "https://stella-ops.org/telemetry/kit-manifest/v1";

    /// <summary>Canonical JSON.</summary>
    public byte[] ToJson() => CanonicalJson.Serialize(this, KitJson.Default.KitManifest);

    /// <summary>Reads a manifest; the reason why it is none, or null.</summary>
    public static string? TryParse(ReadOnlyMemory<byte> json, out KitManifest? manifest)
    {
        manifest = null;
        try
        {
            if (!CanonicalJson.IsCanonical(json) || JsonSerializer.Deserialize(json.Span, KitJson.Default.KitManifest) is not { Schema: SchemaId } read)
            {
                return $"it is not a canonical manifest of schema {SchemaId}";
            }

            manifest = read;
            return FaultOf(read.Files);
        }
        catch (JsonException e)
        {
            return e.Message;
        }
    }

    /// <summary>What is wrong with a list of files; null when nothing is.</summary>
    internal static string? FaultOf(IReadOnlyList<KitFile> files)
    {
        if (files.Count > KitFormat.MaxFiles)
        {
            return $"it names {files.Count} files, more than {KitFormat.MaxFiles}";
        }

        var folders = new HashSet<string>(StringComparer.Ordinal);
        var (previous, bytes) = ("", 0L);
        foreach (var file in files)
        {
            if (!KitFormat.IsPath(file.Path) || file.Path == KitFormat.ManifestEntry)
            {
                return $"'{file.Path}' is no path in a kit";
            }

            if (string.CompareOrdinal(file.Path, previous) <= 0)
            {
                return $"'{file.Path}' stands twice or not in order";
            }

            if (file.Size is < 0 or > KitFormat.MaxFileBytes || file.Mode is not (KitFile.Plain or KitFile.Executable) || file.Sha256.Length != 64 || file.Sha256.AsSpan().ContainsAnyExcept("0123456789abcdef"))
            {
                return $"size, mode or digest of '{file.Path}' is none";
            }

            if ((bytes += file.Size) is < 0 or > KitFormat.MaxContentBytes)
            {
                return $"it unpacks to more than {KitFormat.MaxContentBytes} bytes";
            }

            for (var cut = file.Path.LastIndexOf('/'); cut > 0 && folders.Add(file.Path[..cut]); cut = file.Path.LastIndexOf('/', cut - 1))
            {
            }

            previous = file.Path;
        }

        return files.FirstOrDefault(f => folders.Contains(f.Path)) is { } both ? $"'{both.Path}' is both a file and a folder" : null;
    }
}

/// <summary>What a kit was made from.</summary>
/// <param name="Commit">Of the repository; with <c>+changes</c> when files differed from it.</param>
/// <param name="Date">Of that commit: the same source gives the same kit, whenever it is built.</param>
public sealed record KitSource(string Commit, DateTimeOffset Date);

/// <summary>A program or library of its own version.</summary>
/// <param name="Architecture">Null for what is not of one.</param>
public sealed record KitComponent(string Name, string Version, string? Architecture = null);

/// <summary>A profile and what it resolves to.</summary>
public sealed record KitProfile(string Name, string Hash);

/// <summary>A service's schema migrations.</summary>
/// <param name="Last">The last script, which tells the schema's version.</param>
public sealed record KitMigrations(string Service, int Scripts, string Last);

/// <summary>A public key of the trust root.</summary>
public sealed record KitTrustedKey(string Name, string KeyId, IReadOnlyList<string> Uses, DateTimeOffset? ValidUntil = null);

/// <summary>A container image that belongs to the stack.</summary>
/// <param name="Digest"><c>sha256:...</c>; null when nobody said which.</param>
/// <param name="Included">Whether its blobs are in the kit's OCI layout.</param>
public sealed record KitImage(string Reference, bool Included, string? Digest = null);

/// <summary>Something that is not in the kit.</summary>
public sealed record KitAbsence(string What, string Why);

/// <summary>One file.</summary>
/// <param name="Mode"><see cref="Plain"/> or <see cref="Executable"/>.</param>
public sealed record KitFile(string Path, long Size, string Sha256, string Mode)
{
    /// <summary>Everybody reads.</summary>
    public const string Plain = "0644";

    /// <summary>Everybody reads and runs.</summary>
    public const string Executable = "0755";

    /// <summary>Whether it is a program.</summary>
    [JsonIgnore]
    public bool IsExecutable => Mode == Executable;
}

/// <summary>Predicate of a kit's attestation.</summary>
/// <param name="ManifestSha256">Of <see cref="KitFormat.ManifestEntry"/>.</param>
public sealed record KitPredicate(string Name, string Version, string SourceCommit, DateTimeOffset SourceDate, DateTimeOffset FreshUntil, string ManifestSha256);

[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    PropertyNameCaseInsensitive = false,
    NumberHandling = JsonNumberHandling.Strict,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    AllowDuplicateProperties = false)]
[JsonSerializable(typeof(KitManifest))]
[JsonSerializable(typeof(KitPredicate))]
[JsonSerializable(typeof(Pieces.KitPiece))]
internal sealed partial class KitJson : JsonSerializerContext;
