using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Kits;

/// <summary>Verifies a kit without a network. It goes on after a failed check, so that the list tells all that is wrong.</summary>
/// <param name="keys">One of them must have signed.</param>
/// <param name="maxAge">The kit counts as old this long after its source's date, or past its own freshness date.</param>
public sealed class KitVerifier(IReadOnlyList<VerificationKey> keys, TimeSpan? maxAge, TimeProvider time)
{
    /// <summary>Verifies signatures, digests and, entry by entry, the archive.</summary>
    /// <param name="path">As <see cref="KitDelivery.Locate"/>.</param>
    /// <param name="progress">Told the bytes of content read so far.</param>
    public async Task<KitVerification> VerifyAsync(string path, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var signed = await VerifySignaturesAsync(path, cancellationToken).ConfigureAwait(false);
        if (signed.Delivery is not { } delivery)
        {
            return signed;
        }

        try
        {
            var content = await KitReader.ReadAsync(delivery.Archive, signed.Predicate?.ManifestSha256, create: null, progress, cancellationToken).ConfigureAwait(false);
            return signed with
            {
                Manifest = content.Manifest,
                Checks =
                [
                    .. signed.Checks,
                    new("content", KitCheckState.Ok, string.Create(CultureInfo.InvariantCulture, $"{content.Manifest.Files.Count} files, {content.Manifest.Files.Sum(f => f.Size)} bytes, each as the manifest says, and nothing else")),
                    .. Drift(content.Manifest),
                ],
            };
        }
        catch (KitInvalidException e)
        {
            return signed with { Checks = [.. signed.Checks, new("content", KitCheckState.Failed, e.Message)] };
        }
    }

    /// <summary>Verifies all but the archive's inside. Unpack then by <see cref="KitReader"/> with the predicate's manifest.</summary>
    public async Task<KitVerification> VerifySignaturesAsync(string path, CancellationToken cancellationToken)
    {
        KitDelivery delivery;
        try
        {
            delivery = KitDelivery.Locate(path);
        }
        catch (KitInvalidException e)
        {
            return new KitVerification([new("files", KitCheckState.Failed, e.Message)], null, null, null, null, null);
        }

        var checks = new List<KitCheck> { new("files", KitCheckState.Ok, delivery.ArchiveName) };
        var sha256 = await FileDigest.ComputeAsync(delivery.Archive, cancellationToken).ConfigureAwait(false);
        var plain = await BoundedFile.ReadAsync(delivery.Signature, PlainSignature.MaxBytes, cancellationToken).ConfigureAwait(false);
        var byPlain = plain is null ? null : keys.FirstOrDefault(k => PlainSignature.Verify(sha256, plain, k));
        checks.Add(KitCheck.Of("signature", byPlain is not null, byPlain is not null ? $"by key {byPlain.KeyId}" : plain is null ? $"'{Path.GetFileName(delivery.Signature)}' is missing or too long" : NoneOf("signed the archive")));
        var (statement, signer) = await AttestationAsync(delivery, checks, cancellationToken).ConfigureAwait(false);
        var predicate = signer is null ? null : PredicateOf(statement);
        if (statement is not null)
        {
            await SubjectsAsync(delivery, Convert.ToHexStringLower(sha256), statement, checks, cancellationToken).ConfigureAwait(false);
            checks.Add(KitCheck.Of("predicate", predicate?.Name == delivery.Name, predicate is null ? "it is none that was signed" : predicate.Name == delivery.Name ? $"version {predicate.Version}, source {predicate.SourceCommit}" : $"it is of '{predicate.Name}': the kit was given another name"));
        }

        return new KitVerification(checks, delivery, Convert.ToHexStringLower(sha256), signer, predicate, null) { Companions = statement is null ? [] : [.. statement.Subject.Skip(1).Select(s => s.Name)] };
    }

    /// <summary>What time does to a kit that nobody changed.</summary>
    public IEnumerable<KitCheck> Drift(KitManifest manifest)
    {
        var now = time.GetUtcNow();
        var limit = maxAge is { } age && manifest.Source.Date + age < manifest.FreshUntil ? manifest.Source.Date + age : manifest.FreshUntil;
        var days = (int)(now - manifest.Source.Date).TotalDays;
        yield return now <= limit
            ? new KitCheck("freshness", KitCheckState.Ok, string.Create(CultureInfo.InvariantCulture, $"{days} days old, fresh until {limit:yyyy-MM-dd}"))
            : new KitCheck("freshness", KitCheckState.Warning, string.Create(CultureInfo.InvariantCulture, $"{days} days old, was fresh until {limit:yyyy-MM-dd}: ask for a newer kit; fixes of what it holds may be out"));
        foreach (var key in manifest.Trust.Where(k => k.ValidUntil is not null && k.ValidUntil <= limit))
        {
            yield return new KitCheck(
                $"trust key {key.Name}",
                KitCheckState.Warning,
                string.Create(CultureInfo.InvariantCulture, $"{(key.ValidUntil <= now ? "ended" : "ends")} on {key.ValidUntil:yyyy-MM-dd}: what it signs later is refused"));
        }

        foreach (var absence in manifest.Absent)
        {
            yield return new KitCheck($"without {absence.What}", KitCheckState.Ok, absence.Why);
        }
    }

    private async Task<(Statement? Statement, string? Signer)> AttestationAsync(KitDelivery delivery, List<KitCheck> checks, CancellationToken cancellationToken)
    {
        var json = await BoundedFile.ReadAsync(delivery.Attestation, SigstoreBundle.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (json is null)
        {
            checks.Add(new("attestation", KitCheckState.Failed, $"'{Path.GetFileName(delivery.Attestation)}' is missing or too long"));
            return (null, null);
        }

        if (!SigstoreBundle.TryParse(json, out var bundle, out var error) || bundle.Envelope is null)
        {
            checks.Add(new("attestation", KitCheckState.Failed, bundle is null ? error : "it signs a file's digest, not a statement"));
            return (null, null);
        }

        var signer = keys.FirstOrDefault(bundle.IsStatementSignedBy)?.KeyId;
        checks.Add(KitCheck.Of("attestation", signer is not null, signer is null ? NoneOf("signed it") : $"signed by key {signer}"));
        if (bundle.Envelope.PayloadType != Statement.PayloadType || !Statement.TryParse(bundle.Envelope.Payload.Span, out var statement) || statement.PredicateType != KitFormat.PredicateType)
        {
            checks.Add(new("statement", KitCheckState.Failed, $"it is not an in-toto Statement v1 of predicate type {KitFormat.PredicateType}"));
            return (null, signer);
        }

        checks.Add(new("statement", KitCheckState.Ok, statement.PredicateType));
        return (statement, signer);
    }

    private static async Task SubjectsAsync(KitDelivery delivery, string archiveSha256, Statement statement, List<KitCheck> checks, CancellationToken cancellationToken)
    {
        if (statement.Subject[0].Name != delivery.ArchiveName || statement.Subject.Any(s => !KitDelivery.IsCompanion(s.Name)))
        {
            checks.Add(new("subjects", KitCheckState.Failed, $"the statement names [{string.Join(", ", statement.Subject.Select(s => s.Name))}], not '{delivery.ArchiveName}' and files beside it"));
            return;
        }

        foreach (var subject in statement.Subject)
        {
            var path = Path.Combine(delivery.Folder, subject.Name);
            var isArchive = subject.Name == delivery.ArchiveName;
            if (!File.Exists(path))
            {
                checks.Add(new($"digest of {subject.Name}", KitCheckState.Warning, "the file is not here: it travels beside the archive"));
                continue;
            }

            var found = isArchive ? archiveSha256 : Convert.ToHexStringLower(await FileDigest.ComputeAsync(path, cancellationToken).ConfigureAwait(false));
            checks.Add(KitCheck.Of($"digest of {subject.Name}", found == subject.Digest.Sha256, found == subject.Digest.Sha256 ? found : $"its sha256 is {found}, the statement names {subject.Digest.Sha256}"));
        }
    }

    private string NoneOf(string did) => keys.Count == 0 ? "no key was given to verify with" : $"none of the given keys {did}";

    private static KitPredicate? PredicateOf(Statement? statement)
    {
        try
        {
            return statement?.Predicate.Deserialize(KitJson.Default.KitPredicate);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
