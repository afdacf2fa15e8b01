using StellaOps.Telemetry.Evidence.Files;

namespace StellaOps.Telemetry.Evidence.Kits.Installing;

/// <summary>
/// A folder that kits are imported into: <c>releases/&lt;version&gt;-&lt;manifest&gt;/</c>, and the links <c>current</c> and <c>previous</c> to two of
/// them. A link changes in one step, so whoever starts from <c>current</c> sees a whole kit, the old one or the new.
/// </summary>
public sealed class KitInstallation(string folder)
{
    private const string Releases = "releases";
    private const string CurrentLink = "current";
    private const string PreviousLink = "previous";
    private const string Unfinished = ".new-";

    /// <summary>The folder.</summary>
    public string Folder => folder;

    /// <summary>Path through which the kit in force is reached.</summary>
    public string Current => Path.Combine(folder, CurrentLink);

    /// <summary>Name of the release in force; null when there is none.</summary>
    public string? CurrentRelease => TargetOf(CurrentLink);

    /// <summary>Name of the release before it; null when there is none.</summary>
    public string? PreviousRelease => TargetOf(PreviousLink);

    /// <summary>The manifest of a release; null when it is none.</summary>
    public KitManifest? ManifestOf(string release)
    {
        var path = Path.Combine(PathOf(release), KitFormat.ManifestEntry);
        return File.Exists(path) && new FileInfo(path).Length <= KitFormat.MaxManifestBytes && KitManifest.TryParse(File.ReadAllBytes(path), out var manifest) is null ? manifest : null;
    }

    /// <summary>Unpacks a kit whose signatures were verified, and puts it in force. What is there stays; doing it again changes nothing.</summary>
    /// <param name="signed">From <see cref="KitVerifier.VerifySignaturesAsync"/>, with no check failed.</param>
    /// <param name="progress">Told the bytes of content read so far.</param>
    /// <exception cref="KitInvalidException">The archive is not what was signed, or another import is at work.</exception>
    public async Task<KitImport> ImportAsync(KitVerification signed, bool allowDowngrade, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        if (!signed.Ok || signed is not { Delivery: { } delivery, Predicate: { } predicate })
        {
            throw new ArgumentException("only a kit whose signatures hold is imported", nameof(signed));
        }

        using var held = Hold();
        var content = await KitReader.ReadManifestAsync(delivery.Archive, cancellationToken).ConfigureAwait(false);
        var release = $"{content.Manifest.Version}-{predicate.ManifestSha256[..12]}";
        var current = CurrentRelease;
        var installed = current is null ? null : ManifestOf(current);
        if (installed is not null && current != release && !allowDowngrade && KitVersion.Compare(content.Manifest, installed) < 0)
        {
            return new KitImport(KitImportOutcome.OlderRefused, release, current, installed, content.Manifest);
        }

        var outcome = current == release ? KitImportOutcome.AlreadyInForce : installed is null ? KitImportOutcome.Installed
            : KitVersion.Compare(content.Manifest, installed) < 0 ? KitImportOutcome.Downgraded : KitImportOutcome.Upgraded;
        if (ManifestOf(release) is not { } there || (await DamagedAsync(release, there, cancellationToken).ConfigureAwait(false)).Count > 0)
        {
            outcome = outcome == KitImportOutcome.AlreadyInForce ? KitImportOutcome.Mended : outcome;
            await UnpackAsync(delivery.Archive, predicate.ManifestSha256, release, progress, cancellationToken).ConfigureAwait(false);
        }

        if (current != release)
        {
            if (current is not null)
            {
                Link(PreviousLink, current);
            }

            Link(CurrentLink, release);
        }

        return new KitImport(outcome, release, current, installed, content.Manifest);
    }

    /// <summary>Puts the previous release in force again; the one in force becomes the previous.</summary>
    /// <exception cref="KitInvalidException">There is none, or files of it are missing or changed.</exception>
    public async Task<KitImport> RollBackAsync(CancellationToken cancellationToken)
    {
        using var held = Hold();
        var (current, previous) = (CurrentRelease, PreviousRelease);
        if (previous is null || ManifestOf(previous) is not { } manifest)
        {
            throw new KitInvalidException(folder, "there is no previous release");
        }

        if (await DamagedAsync(previous, manifest, cancellationToken).ConfigureAwait(false) is { Count: > 0 } damaged)
        {
            throw new KitInvalidException(PathOf(previous), $"{damaged.Count} files are missing or changed, the first is '{damaged[0]}': import that kit again");
        }

        Link(CurrentLink, previous);
        if (current is not null)
        {
            Link(PreviousLink, current);
        }

        return new KitImport(KitImportOutcome.RolledBack, previous, current, current is null ? null : ManifestOf(current), manifest);
    }

    /// <summary>Files of a release that are missing or not as its manifest says.</summary>
    public async Task<IReadOnlyList<string>> DamagedAsync(string release, KitManifest manifest, CancellationToken cancellationToken)
    {
        var damaged = new List<string>();
        foreach (var file in manifest.Files)
        {
            var info = new FileInfo(Path.Combine(PathOf(release), file.Path));
            if (!info.Exists || info.LinkTarget is not null || info.Length != file.Size || ((info.UnixFileMode & UnixFileMode.UserExecute) != 0) != file.IsExecutable
                || Convert.ToHexStringLower(await FileDigest.ComputeAsync(info.FullName, cancellationToken).ConfigureAwait(false)) != file.Sha256)
            {
                damaged.Add(file.Path);
            }
        }

        return damaged;
    }

    private async Task UnpackAsync(string archive, string manifestSha256, string release, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var work = Path.Combine(folder, Releases, Unfinished + Guid.NewGuid().ToString("N"));
        Directory.CreateDirectory(work);
        try
        {
            var content = await KitReader.ReadAsync(archive, manifestSha256, Create, progress, cancellationToken).ConfigureAwait(false);
            await File.WriteAllBytesAsync(Path.Combine(work, KitFormat.ManifestEntry), content.Manifest.ToJson(), cancellationToken).ConfigureAwait(false);
            DirectorySync.FlushAll(work);
            if (Directory.Exists(PathOf(release)))
            {
                // Damaged: aside first, since a folder is not renamed over another.
                var old = Path.Combine(folder, Releases, Unfinished + Guid.NewGuid().ToString("N"));
                Directory.Move(PathOf(release), old);
                Directory.Move(work, PathOf(release));
                Directory.Delete(old, recursive: true);
            }
            else
            {
                Directory.Move(work, PathOf(release));
            }

            DirectorySync.Flush(Path.Combine(folder, Releases));
        }
        finally
        {
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }

        Stream Create(KitFile file)
        {
            var path = Path.Combine(work, file.Path);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var stream = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            File.SetUnixFileMode(stream.SafeFileHandle, file.IsExecutable ? KitSigner.ExecutableMode : KitSigner.PlainMode);
            return stream;
        }
    }

    /// <summary>Takes the folder for one import at a time, and removes what one that was cut short left.</summary>
    private FileStream Hold()
    {
        Directory.CreateDirectory(Path.Combine(folder, Releases));
        FileStream held;
        try
        {
            held = new FileStream(Path.Combine(folder, ".import.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e)
        {
            throw new KitInvalidException(folder, "another import is at work there", e);
        }

        foreach (var left in Directory.EnumerateDirectories(Path.Combine(folder, Releases), Unfinished + "*"))
        {
            Directory.Delete(left, recursive: true);
        }

        return held;
    }

    private string PathOf(string release) => Path.Combine(folder, Releases, release);

    private string? TargetOf(string link) => new FileInfo(Path.Combine(folder, link)).LinkTarget is { } target && Path.GetFileName(target) is { Length: > 0 } release ? release : null;

    private void Link(string link, string release) => LinkSwitch.Point(Path.Combine(folder, link), Path.Combine(Releases, release));
}
