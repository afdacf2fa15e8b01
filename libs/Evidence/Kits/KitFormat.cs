using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>Names and limits of an Offline Kit: docs/formats/kit.md.</summary>
public static class KitFormat
{
    /// <summary>First entry of the archive: all other entries, in their order.</summary>
    public const string ManifestEntry = "kit.json";

    /// <summary>Predicate type of a kit's attestation.</summary>
    public const string PredicateType = "https://stella-ops.org/telemetry/kit/v1";

    /// <summary>After a kit's name.</summary>
    public const string ArchiveSuffix = BundleFormat.ArchiveSuffix;

    /// <summary>After a kit's name.</summary>
    public const string AttestationSuffix = BundleFormat.AttestationSuffix;

    /// <summary>After the archive's file name.</summary>
    public const string SignatureSuffix = BundleFormat.SignatureSuffix;

    /// <summary>The longest manifest that is read.</summary>
    public const int MaxManifestBytes = 32 * 1024 * 1024;

    /// <summary>The most files of a kit.</summary>
    public const int MaxFiles = 100_000;

    /// <summary>The most bytes that a kit unpacks to, container images included.</summary>
    public const long MaxContentBytes = 64L << 30;

    /// <summary>The longest file: what eleven octal digits of a tar header can say.</summary>
    public const long MaxFileBytes = (8L << 30) - 1;

    // Pinned with the version of ZstdSharp.Port: the archive's hash depends on all of them. The window is the largest that `zstd -d` takes unasked.
    internal const int ZstdLevel = 9;
    internal const int ZstdWindowLog = 27;

    /// <summary>Whether a file may have this path in a kit: relative, ASCII letters, digits and <c>. _ - +</c>, no part that begins with a dot or a dash.</summary>
    public static bool IsPath(string path) => Ustar.IsKitPath(path);
}

/// <summary>A kit, a piece of one, or an installation is not what it must be.</summary>
public sealed class KitInvalidException(string where, string what, Exception? inner = null) : IOException($"{where}: {what}", inner);
