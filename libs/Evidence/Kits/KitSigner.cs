using System.Text.Json;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>Writes what stands beside a kit's archive: companions, plain signature, attestation.</summary>
public static class KitSigner
{
    /// <summary>Signs a kit. Doing it again replaces every file.</summary>
    /// <param name="companions">Names and sources of files that travel beside the archive and are named by the attestation: programs and scripts.</param>
    /// <returns>The names of all files of the delivery, the archive's first.</returns>
    public static async Task<IReadOnlyList<string>> SignAsync(
        KitDelivery delivery, string archiveSha256, KitManifest manifest, IReadOnlyList<(string Name, string Source)> companions, SigningKey key, CancellationToken cancellationToken)
    {
        var subjects = new List<StatementSubject> { new(delivery.ArchiveName, new StatementDigest(archiveSha256)) };
        foreach (var (name, source) in companions.OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            var target = Path.Combine(delivery.Folder, name);
            File.Copy(source, target + ".next", overwrite: true);
            File.SetUnixFileMode(target + ".next", ExecutableMode);
            File.Move(target + ".next", target, overwrite: true);
            subjects.Add(new StatementSubject(name, new StatementDigest(Convert.ToHexStringLower(await FileDigest.ComputeAsync(target, cancellationToken).ConfigureAwait(false)))));
        }

        var predicate = new KitPredicate(
            delivery.Name,
            manifest.Version,
            manifest.Source.Commit,
            manifest.Source.Date,
            manifest.FreshUntil,
            Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(manifest.ToJson())));
        var statement = new Statement(Statement.StatementType, subjects, KitFormat.PredicateType, JsonSerializer.SerializeToElement(predicate, KitJson.Default.KitPredicate));
        await WriteAsync(delivery.Signature, PlainSignature.Sign(Convert.FromHexString(archiveSha256), key), cancellationToken).ConfigureAwait(false);
        await WriteAsync(delivery.Attestation, SigstoreBundle.SignStatement(statement, key), cancellationToken).ConfigureAwait(false);
        DirectorySync.Flush(delivery.Folder);
        return [delivery.ArchiveName, Path.GetFileName(delivery.Signature), Path.GetFileName(delivery.Attestation), .. subjects.Skip(1).Select(s => s.Name)];
    }

    internal const UnixFileMode PlainMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    internal const UnixFileMode ExecutableMode = PlainMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static async Task WriteAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        await File.WriteAllBytesAsync(path + ".next", content, cancellationToken).ConfigureAwait(false);
        File.Move(path + ".next", path, overwrite: true);
    }
}
