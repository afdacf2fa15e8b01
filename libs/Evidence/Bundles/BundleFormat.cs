using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>Names, limits and digests of a forensic bundle: docs/formats/bundle.md.</summary>
public static class BundleFormat
{
    /// <summary>The longest uncompressed tar of one part.</summary>
    public const long MaxPartBytes = 1L << 30;

    /// <summary>The longest frame.</summary>
    public const int MaxFrameBytes = 64 * 1024 * 1024;

    /// <summary>The most parts that are read.</summary>
    public const int MaxParts = 9999;

    /// <summary>The longest manifest or provenance that is read.</summary>
    public const int MaxDocumentBytes = 64 * 1024 * 1024;

    /// <summary>Last entry of the last part.</summary>
    public const string ManifestEntry = "manifest.json";

    /// <summary>Predicate type of a bundle's attestation.</summary>
    public const string PredicateType = "https://stella-ops.org/telemetry/bundle/v1";

    /// <summary>After a bundle's name.</summary>
    public const string ArchiveSuffix = ".tar.zst";

    /// <summary>After a bundle's name.</summary>
    public const string ProvenanceSuffix = ".provenance.json";

    /// <summary>After a bundle's name.</summary>
    public const string AttestationSuffix = ".sigstore.json";

    /// <summary>After a part's file name.</summary>
    public const string SignatureSuffix = ".sig";

    /// <summary>The file name of the script that verifies with openssl or cosign alone.</summary>
    public const string VerifyScript = "verify.sh";

    /// <summary>The file name of the script that replays.</summary>
    public const string ReplayScript = "replay.sh";

    // Pinned with the version of ZstdSharp.Port: the archive hash depends on both.
    internal const int ZstdLevel = 3;

    /// <summary>The file name of a part: without a number when it is the only one.</summary>
    public static string PartFileName(string name, int part, int parts) => name + PartSuffix(part, parts);

    /// <summary>
    /// The archive hash: of one part, its sha256; of several, the sha256 of the lines <c>&lt;sha256&gt;  part0001.tar.zst\n</c> in order.
    /// </summary>
    public static string ArchiveHash(IReadOnlyList<string> sha256OfParts)
    {
        if (sha256OfParts.Count == 1)
        {
            return sha256OfParts[0];
        }

        var lines = string.Concat(sha256OfParts.Select((sha256, i) => $"{sha256}  {PartSuffix(i + 1, sha256OfParts.Count)[1..]}\n"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(lines)));
    }

    /// <summary>The entry of a signal's n-th stretch of frames; each next part that goes on with a signal counts one up.</summary>
    internal static string EntryName(Signal signal, int stretch) => stretch == 1
        ? $"data/{signal.ToName()}.otlp"
        : string.Create(CultureInfo.InvariantCulture, $"data/{signal.ToName()}.{stretch:0000}.otlp");

    /// <summary>Signals in the order of their entries' names, which puts the manifest last.</summary>
    internal static IEnumerable<Signal> SignalsInOrder { get; } = [Signal.Logs, Signal.Metrics, Signal.Traces];

    private static string PartSuffix(int part, int parts) => parts == 1
        ? ArchiveSuffix
        : string.Create(CultureInfo.InvariantCulture, $".part{part:0000}{ArchiveSuffix}");
}
