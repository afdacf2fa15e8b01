using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>One thing that was looked at.</summary>
/// <param name="Detail">What was found, or what is wrong.</param>
public sealed record VerificationCheck(string Name, bool Ok, string Detail);

/// <summary>What came of it: <see cref="Ok"/> only when every check is.</summary>
/// <param name="Manifest">What the archive says it holds; null when it could not be read. Believe it only when <see cref="Ok"/>.</param>
public sealed record BundleVerification(IReadOnlyList<VerificationCheck> Checks, string? Name, string? ArchiveHash, BundleManifest? Manifest)
{
    /// <summary>Who of those that were named signed.</summary>
    public IReadOnlyList<BundleSignature> Signatures { get; init; } = [];

    /// <summary>What they stated; null when it could not be read. Believe it only when <see cref="Ok"/>.</summary>
    public Statement? Statement { get; init; }

    /// <summary>Whether every check held.</summary>
    public bool Ok => Checks.Count > 0 && Checks.All(c => c.Ok);
}

/// <summary>
/// Verifies a bundle without a network, and recomputes everything that its manifest says. It goes on after a failed check, so that the list
/// tells all that is wrong.
/// </summary>
public sealed class BundleVerifier(IFrameInspector inspector)
{
    private const int MaxScriptBytes = 64 * 1024;

    /// <summary>The longest uncompressed part that is read; tests make it small.</summary>
    internal long MaxPartBytes { get; init; } = BundleFormat.MaxPartBytes;

    /// <summary>Verifies.</summary>
    /// <param name="path">As <see cref="BundleFiles.Locate"/>.</param>
    /// <param name="keys">One of them must have signed.</param>
    public Task<BundleVerification> VerifyAsync(string path, IReadOnlyList<VerificationKey> keys, CancellationToken cancellationToken) =>
        VerifyAsync(path, VerificationDemand.OneOf(keys), cancellationToken);

    /// <summary>Verifies.</summary>
    /// <param name="path">As <see cref="BundleFiles.Locate"/>.</param>
    public async Task<BundleVerification> VerifyAsync(string path, VerificationDemand demand, CancellationToken cancellationToken)
    {
        BundleFiles files;
        try
        {
            files = BundleFiles.Locate(path);
        }
        catch (BundleInvalidException e)
        {
            return new BundleVerification([new VerificationCheck("files", false, e.Message)], null, null, null);
        }

        var checks = new List<VerificationCheck>
        {
            files.Strays.Count == 0
                ? new("files", true, $"{files.Parts.Count} part(s) of '{files.Name}'")
                : new("files", false, $"without a part that they belong to: {string.Join(", ", files.Strays)}"),
        };
        var digests = new List<byte[]>();
        foreach (var part in files.Parts)
        {
            digests.Add(await FileDigest.ComputeAsync(part, cancellationToken).ConfigureAwait(false));
        }

        var archiveHash = BundleFormat.ArchiveHash([.. digests.Select(Convert.ToHexStringLower)]);
        var attestations = new AttestationVerifier(files, demand, checks);
        await attestations.VerifyAsync(cancellationToken).ConfigureAwait(false);
        var statement = attestations.Statement;
        await CheckSubjectsAsync(files, digests, statement, checks, cancellationToken).ConfigureAwait(false);
        await CheckSignaturesAsync(files, digests, demand, attestations, checks, cancellationToken).ConfigureAwait(false);
        var predicate = PredicateOf(statement);
        checks.Add(predicate is not null && predicate.ArchiveHash == archiveHash
            ? new VerificationCheck("archive hash", true, archiveHash)
            : new VerificationCheck("archive hash", false, $"the archive's is {archiveHash}, the attestation names {predicate?.ArchiveHash ?? "none"}"));
        var manifest = await CheckContentAsync(files, predicate, checks, cancellationToken).ConfigureAwait(false);
        await CheckScriptsAsync(files, checks, cancellationToken).ConfigureAwait(false);
        return new BundleVerification(checks, files.Name, archiveHash, manifest) { Signatures = attestations.Signatures, Statement = statement };
    }

    private static async Task CheckSubjectsAsync(BundleFiles files, List<byte[]> digests, Statement? statement, List<VerificationCheck> checks, CancellationToken cancellationToken)
    {
        var provenance = File.Exists(files.Provenance) ? await FileDigest.ComputeAsync(files.Provenance, cancellationToken).ConfigureAwait(false) : null;
        List<(string Name, string? Sha256)> expected =
        [
            .. files.Parts.Select((part, i) => (Path.GetFileName(part), (string?)Convert.ToHexStringLower(digests[i]))),
            (Path.GetFileName(files.Provenance), provenance is null ? null : Convert.ToHexStringLower(provenance)),
        ];
        var named = statement?.Subject ?? [];
        checks.Add(named.Select(s => s.Name).SequenceEqual(expected.Select(e => e.Name))
            ? new VerificationCheck("subjects", true, $"the statement names all {expected.Count} files and no other")
            : new VerificationCheck("subjects", false, $"the statement names [{string.Join(", ", named.Select(s => s.Name))}], the bundle has [{string.Join(", ", expected.Select(e => e.Name))}]"));
        foreach (var (name, sha256) in expected)
        {
            var signed = named.Where(s => s.Name == name).Select(s => s.Digest.Sha256).ToList();
            checks.Add(sha256 is not null && signed.Count == 1 && signed[0] == sha256
                ? new VerificationCheck($"digest of {name}", true, sha256)
                : new VerificationCheck($"digest of {name}", false, sha256 is null ? "the file is missing" : $"its sha256 is {sha256}, the statement names {(signed.Count == 1 ? signed[0] : "none")}"));
        }
    }

    /// <summary>
    /// A plain signature bears no time of its own: it is good by a key whose attestation counts, or by one that counts now.
    /// </summary>
    private static async Task CheckSignaturesAsync(
        BundleFiles files, List<byte[]> digests, VerificationDemand demand, AttestationVerifier attestations, List<VerificationCheck> checks, CancellationToken cancellationToken)
    {
        var now = demand.Clock.GetUtcNow();
        var keys = attestations.Keys.Concat(demand.Trust.Keys.Where(k => k.Validity.Contains(now)).Select(k => k.Key)).ToList();
        for (var i = 0; i < files.Parts.Count; i++)
        {
            var name = Path.GetFileName(files.Parts[i]) + BundleFormat.SignatureSuffix;
            var signature = await BoundedFile.ReadAsync(files.Parts[i] + BundleFormat.SignatureSuffix, PlainSignature.MaxBytes, cancellationToken).ConfigureAwait(false);
            var digest = digests[i];
            var signer = signature is null ? null : keys.Find(k => PlainSignature.Verify(digest, signature, k));
            checks.Add((signer, signature) switch
            {
                (not null, _) => new VerificationCheck($"signature {name}", true, $"by key {signer.KeyId}"),
                (_, null) => new VerificationCheck($"signature {name}", false, "the file is missing or too long"),
                _ when attestations.IsFirstUnknown => new VerificationCheck($"signature {name}", true, "not judged: it is the first signer's, who was not named"),
                _ => new VerificationCheck($"signature {name}", false, "it is none of the given keys' over this file"),
            });
        }
    }

    /// <summary>Scripts are nobody's statement, and another version's are others: what is not ours is said, and fails nothing.</summary>
    private static async Task CheckScriptsAsync(BundleFiles files, List<VerificationCheck> checks, CancellationToken cancellationToken)
    {
        foreach (var name in new[] { BundleFormat.VerifyScript, BundleFormat.ReplayScript })
        {
            var path = Path.Combine(files.Folder, name);
            if (File.Exists(path))
            {
                var isOurs = await BoundedFile.ReadAsync(path, MaxScriptBytes, cancellationToken).ConfigureAwait(false) is { } text && text.AsSpan().SequenceEqual(BundleSigner.Script(name));
                checks.Add(new VerificationCheck($"script {name}", true, isOurs ? "as this version has it" : "NOT as this version has it, and nobody signed it: do not run it, take a copy that you trust"));
            }
        }
    }

    private static BundlePredicate? PredicateOf(Statement? statement)
    {
        try
        {
            return statement?.Predicate.Deserialize(BundleJson.Default.BundlePredicate);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private async Task<BundleManifest?> CheckContentAsync(BundleFiles files, BundlePredicate? predicate, List<VerificationCheck> checks, CancellationToken cancellationToken)
    {
        var reader = new BundleReader(files) { MaxPartBytes = MaxPartBytes };
        var found = new Dictionary<Signal, SignalFacts>();
        try
        {
            string? wrong = null;
            await foreach (var frame in reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                if (!found.TryGetValue(frame.Signal, out var facts))
                {
                    found.Add(frame.Signal, facts = new SignalFacts(frame.Signal, inspector));
                }

                if (wrong is null && facts.Add(frame.Bytes.Span) is { } reason)
                {
                    wrong = $"frame {facts.Records + 1} of {frame.Signal.ToName()}: {reason}";
                }
            }

            checks.Add(new VerificationCheck("structure", true, "every entry, in order, and nothing else"));
            checks.Add(new VerificationCheck("frames", wrong is null, wrong ?? $"{found.Values.Sum(f => f.Records)} records, each canonical, in their total order"));
            CheckManifest(reader.Manifest!, found, predicate, checks);
            return reader.Manifest;
        }
        catch (BundleInvalidException e)
        {
            checks.Add(new VerificationCheck("structure", false, e.Message));
            return null;
        }
        finally
        {
            foreach (var facts in found.Values)
            {
                facts.Dispose();
            }
        }
    }

    private static void CheckManifest(BundleManifest manifest, Dictionary<Signal, SignalFacts> found, BundlePredicate? predicate, List<VerificationCheck> checks)
    {
        var recomputed = new BundleManifest(BundleManifest.SchemaId, found.Where(f => f.Value.Records > 0).ToDictionary(f => f.Key.ToName(), f => f.Value.ToSignal()));
        checks.Add(recomputed.ToJson().AsSpan().SequenceEqual(manifest.ToJson())
            ? new VerificationCheck("manifest", true, "counts, times, services and digests follow from the records")
            : new VerificationCheck("manifest", false, "it is not the manifest of these records"));
        var counts = recomputed.Signals.ToDictionary(s => s.Key, s => s.Value.Records);
        checks.Add(predicate is not null && counts.Count == predicate.Records.Count && counts.All(c => predicate.Records.TryGetValue(c.Key, out var n) && n == c.Value)
            ? new VerificationCheck("counts", true, string.Join(", ", counts.Select(c => $"{c.Value} {c.Key}")))
            : new VerificationCheck("counts", false, "the attestation names other numbers of records"));
    }
}
