using System.Security.Cryptography;
using System.Text.Json;
using System.Text.RegularExpressions;
using StellaOps.Telemetry.Evidence.Kits;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>
/// Container images: the list of those that the stack is made of in containers, and the blobs of those that an OCI layout brings
/// (https://github.com/opencontainers/image-spec/blob/v1.1.0/image-layout.md).
/// </summary>
internal static partial class KitImages
{
    /// <summary>The list in the kit's tree: an array of references.</summary>
    public const string ListFile = "images/images.json";

    private const string LayoutPath = "images/oci";
    private const string ReferenceAnnotation = "org.opencontainers.image.ref.name";
    private const long MaxDocumentBytes = 4 * 1024 * 1024;

    public static async Task<IReadOnlyList<KitImage>> AddAsync(KitContents contents, IReadOnlyList<string> listed, string? layout, CancellationToken cancellationToken)
    {
        var included = layout is null ? [] : await ReadLayoutAsync(contents, layout, cancellationToken);
        return
        [
            .. listed.Where(r => !included.ContainsKey(r)).Select(r => new KitImage(r, Included: false))
                .Concat(included.Select(i => new KitImage(i.Key, Included: true, i.Value))).OrderBy(i => i.Reference, StringComparer.Ordinal),
        ];
    }

    /// <summary>The layout's images by reference, after every blob was found to be what its name says.</summary>
    private static async Task<Dictionary<string, string>> ReadLayoutAsync(KitContents contents, string layout, CancellationToken cancellationToken)
    {
        var images = new Dictionary<string, string>(StringComparer.Ordinal);
        using var index = Parse(layout, "index.json");
        using var version = Parse(layout, "oci-layout");
        if (!version.RootElement.TryGetProperty("imageLayoutVersion", out var number) || number.GetString() != "1.0.0" || !index.RootElement.TryGetProperty("manifests", out var manifests))
        {
            throw Wrong(layout, "it is no OCI image layout 1.0.0");
        }

        foreach (var manifest in manifests.EnumerateArray())
        {
            var digest = manifest.TryGetProperty("digest", out var d) ? d.GetString() ?? "" : "";
            var reference = manifest.TryGetProperty("annotations", out var annotations) && annotations.TryGetProperty(ReferenceAnnotation, out var name) ? name.GetString() : null;
            if (reference is null || !Digest().IsMatch(digest) || !File.Exists(BlobOf(layout, digest)))
            {
                throw Wrong(layout, $"index.json names an image '{reference ?? "without " + ReferenceAnnotation}' with digest '{digest}', whose blob is not there");
            }

            images[reference] = digest;
        }

        foreach (var blob in Directory.EnumerateFiles(Path.Combine(layout, "blobs", "sha256")))
        {
            await using var stream = File.OpenRead(blob);
            if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken)) != Path.GetFileName(blob))
            {
                throw Wrong(layout, $"the blob {Path.GetFileName(blob)} is not what its name says");
            }
        }

        contents.AddFolder(LayoutPath, layout);
        return images;
    }

    private static JsonDocument Parse(string layout, string name)
    {
        var path = Path.Combine(layout, name);
        try
        {
            return new FileInfo(path).Length > MaxDocumentBytes ? throw Wrong(layout, $"'{name}' is too long") : JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is JsonException or FileNotFoundException or DirectoryNotFoundException)
        {
            throw Wrong(layout, e.Message);
        }
    }

    private static string BlobOf(string layout, string digest) => Path.Combine(layout, "blobs", "sha256", digest["sha256:".Length..]);

    private static CliException Wrong(string layout, string what) => CliException.Usage($"--images '{layout}': {what}", "make the folder with 'skopeo copy docker://IMAGE oci:FOLDER:REFERENCE'");

    [GeneratedRegex(@"^sha256:[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Digest();
}
