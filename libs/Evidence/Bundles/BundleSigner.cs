using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>Writes what stands beside a bundle's archive: provenance, signatures, attestation, scripts.</summary>
public static class BundleSigner
{
    /// <summary>Signs a bundle. Doing it again replaces every file.</summary>
    /// <param name="folder">Where the archive is.</param>
    /// <param name="provenance">JSON; kept byte for byte.</param>
    /// <returns>The names of all files of the bundle, the archive's first.</returns>
    public static Task<IReadOnlyList<string>> SignAsync(string folder, WrittenBundle bundle, ReadOnlyMemory<byte> provenance, SigningKey key, CancellationToken cancellationToken) =>
        SignAsync(folder, bundle, provenance, new SigstoreSigner(key), cancellationToken);

    /// <summary>As above, by whoever the signer is, with a time where it has an authority for it.</summary>
    /// <exception cref="Time.TimestampException">That authority gave none; no attestation was written.</exception>
    public static async Task<IReadOnlyList<string>> SignAsync(
        string folder, WrittenBundle bundle, ReadOnlyMemory<byte> provenance, SigstoreSigner signer, CancellationToken cancellationToken)
    {
        var files = bundle.Parts.Select(p => p.FileName).ToList();
        async Task AddAsync(string name, ReadOnlyMemory<byte> content, UnixFileMode also = UnixFileMode.None)
        {
            await WriteAsync(Path.Combine(folder, name), content, also, cancellationToken).ConfigureAwait(false);
            files.Add(name);
        }

        await AddAsync(bundle.Name + BundleFormat.ProvenanceSuffix, provenance).ConfigureAwait(false);
        foreach (var part in bundle.Parts)
        {
            await AddAsync(part.FileName + BundleFormat.SignatureSuffix, PlainSignature.Sign(Convert.FromHexString(part.Sha256), signer.Key)).ConfigureAwait(false);
        }

        var attestation = await SigstoreBundle.SignStatementAsync(StatementOf(bundle, SHA256.HashData(provenance.Span)), signer, cancellationToken).ConfigureAwait(false);
        await AddAsync(bundle.Name + BundleFormat.AttestationSuffix, attestation).ConfigureAwait(false);
        await AddAsync(BundleFormat.VerifyScript, Script(BundleFormat.VerifyScript), UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).ConfigureAwait(false);
        await AddAsync(BundleFormat.ReplayScript, Script(BundleFormat.ReplayScript), UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute).ConfigureAwait(false);
        DirectorySync.Flush(folder);
        return files;
    }

    /// <summary>Adds a further signer's attestation of the statement that the first one signed; the same signer's is replaced.</summary>
    /// <param name="statement">Of the first attestation, judged by the caller.</param>
    /// <returns>Its path.</returns>
    public static async Task<string> AddSignerAsync(BundleFiles files, Statement statement, SigstoreSigner signer, CancellationToken cancellationToken)
    {
        var path = files.AttestationOf(signer.Key.KeyId);
        await WriteAsync(path, await SigstoreBundle.SignStatementAsync(statement, signer, cancellationToken).ConfigureAwait(false), UnixFileMode.None, cancellationToken).ConfigureAwait(false);
        DirectorySync.Flush(files.Folder);
        return path;
    }

    /// <summary>The statement that names all parts and the provenance.</summary>
    public static Statement StatementOf(WrittenBundle bundle, ReadOnlySpan<byte> sha256OfProvenance)
    {
        var predicate = new BundlePredicate(bundle.ArchiveHash, bundle.Manifest.Signals.ToDictionary(s => s.Key, s => s.Value.Records));
        return new Statement(
            Statement.StatementType,
            [
                .. bundle.Parts.Select(p => new StatementSubject(p.FileName, new StatementDigest(p.Sha256))),
                new StatementSubject(bundle.Name + BundleFormat.ProvenanceSuffix, new StatementDigest(Convert.ToHexStringLower(sha256OfProvenance))),
            ],
            BundleFormat.PredicateType,
            JsonSerializer.SerializeToElement(predicate, BundleJson.Default.BundlePredicate));
    }

    /// <summary>The text of <see cref="BundleFormat.VerifyScript"/> or <see cref="BundleFormat.ReplayScript"/>.</summary>
    public static byte[] Script(string name)
    {
        using var resource = typeof(BundleSigner).Assembly.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"there is no script '{name}'", nameof(name));
        var text = new byte[resource.Length];
        resource.ReadExactly(text);
        return text;
    }

    private static async Task WriteAsync(string path, ReadOnlyMemory<byte> content, UnixFileMode also, CancellationToken cancellationToken)
    {
        var temporary = Path.Combine(Path.GetDirectoryName(path)!, $".side-{Guid.NewGuid():N}");
        try
        {
            var file = new FileStream(temporary, new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                Options = FileOptions.Asynchronous,
                UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead | also,
            });
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(content, cancellationToken).ConfigureAwait(false);
                await file.FlushAsync(cancellationToken).ConfigureAwait(false);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
