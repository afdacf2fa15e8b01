using StellaOps.Telemetry.Archive.Objects.S3;
using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Archive.Objects;

/// <summary>
/// Section <c>Stella:Archive</c>: where the archive lives, for every process that reads or writes it. Exactly one of folder and bucket.
/// Settings are described in docs/archive.md.
/// </summary>
public sealed class ArchiveOptions
{
    /// <summary>The section.</summary>
    public const string Section = "Stella:Archive";

    /// <summary>The folder, as an absolute path; null or empty: it is a bucket.</summary>
    public string? Path { get; set; }

    /// <summary>The bucket.</summary>
    public S3Options S3 { get; set; } = new();

    /// <summary>Whether it is a bucket.</summary>
    public bool IsS3 => S3.IsGiven;

    /// <summary>Everything that is wrong; each says the key, the value and the fix.</summary>
    public IEnumerable<string> Faults()
    {
        if (!IsS3)
        {
            return System.IO.Path.IsPathFullyQualified(Path ?? "")
                ? []
                : [$"{KnownEnvironment.ArchivePath} '{Path}' is not an absolute path: name the folder of the archive, or its bucket with {KnownEnvironment.ArchiveS3Bucket}"];
        }

        return string.IsNullOrEmpty(Path)
            ? S3.Faults()
            : [$"{KnownEnvironment.ArchivePath} is '{Path}' and {KnownEnvironment.ArchiveS3}* is set too (bucket '{S3.Bucket}'): an archive lives in one place, unset one of them", .. S3.Faults()];
    }

    /// <summary>What is wrong with a site's seal by which connections go only where it allows: the archive has to be among that.</summary>
    public IEnumerable<string> FaultsOfSeal(Func<string, int, bool> allows)
    {
        ArgumentNullException.ThrowIfNull(allows);
        return IsS3 && !allows(S3.Host, S3.Port)
            ? [$"sealed.allowlist does not name {S3.Host}:{S3.Port}, where {KnownEnvironment.ArchiveS3}Endpoint has the archive: add '{S3.Host}:{S3.Port}' to it"]
            : [];
    }

    /// <summary>Opens the archive. No connection is made and no request sent before the first call.</summary>
    /// <param name="connections">How connections are made, for a bucket.</param>
    /// <param name="logger">Takes events 1380 to 1389.</param>
    /// <exception cref="IOException">The folder cannot be made, or a file of the credentials not be read.</exception>
    public IObjectStore Open(S3Connections connections, TimeProvider time, Microsoft.Extensions.Logging.ILogger logger) =>
        IsS3 ? new S3ObjectStore(S3, connections, time, logger) : new FolderObjectStore(Path!);
}
