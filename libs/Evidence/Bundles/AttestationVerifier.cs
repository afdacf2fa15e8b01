using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Bundles;

/// <summary>Who signed a bundle.</summary>
/// <param name="Time">When the signature was there at the latest, by a trusted authority; null without one.</param>
public sealed record BundleSignature(string File, string Signer, string KeyId, DateTimeOffset? Time);

/// <summary>Judges a bundle's attestations: the first signer's, and those of others beside it, which must state the same to the byte.</summary>
internal sealed class AttestationVerifier(BundleFiles files, VerificationDemand demand, List<VerificationCheck> checks)
{
    private readonly SignatureJudge _judge = new(demand.Trust, demand.Clock);
    private readonly List<(BundleSignature Signature, VerificationKey Key)> _signers = [];

    /// <summary>What the first attestation states; null when it states nothing of a bundle.</summary>
    public Statement? Statement { get; private set; }

    /// <summary>Signers that count.</summary>
    public IReadOnlyList<BundleSignature> Signatures => [.. _signers.Select(s => s.Signature)];

    /// <summary>Their keys.</summary>
    public IEnumerable<VerificationKey> Keys => _signers.Select(s => s.Key);

    /// <summary>Whether the first signer is somebody who was not named, and others were enough: its signatures of parts cannot be judged.</summary>
    public bool IsFirstUnknown { get; private set; }

    public async Task VerifyAsync(CancellationToken cancellationToken)
    {
        var first = await ReadAsync(files.Attestation, "attestation", cancellationToken).ConfigureAwait(false);
        var firstVerdict = first is null ? null : _judge.JudgeStatement(first);
        var later = new List<VerificationCheck>();
        foreach (var (keyId, path) in files.OtherAttestations)
        {
            if (await ReadAsync(path, $"attestation {Path.GetFileName(path)}", cancellationToken).ConfigureAwait(false) is { } other)
            {
                AddOther(path, keyId, other, first, later);
            }
        }

        IsFirstUnknown = firstVerdict is { State: SignatureState.Unknown } && _signers.Count >= Math.Max(1, demand.Needed);
        if (first is not null)
        {
            AddVerdict("", files.Attestation, firstVerdict!, IsFirstUnknown, checks);
            Statement = StatementOf(first);
            checks.Add(Statement is null
                ? new VerificationCheck("statement", false, $"it is not an in-toto Statement v1 of predicate type {BundleFormat.PredicateType}")
                : new VerificationCheck("statement", true, Statement.PredicateType));
        }

        checks.AddRange(later);
        AddSigners();
    }

    private void AddOther(string path, string keyId, SigstoreBundle other, SigstoreBundle? first, List<VerificationCheck> later)
    {
        var name = Path.GetFileName(path);
        var verdict = _judge.JudgeStatement(other);
        var claimed = verdict.Key?.KeyId ?? other.KeyId;
        if (claimed is not null && claimed != keyId)
        {
            later.Add(new VerificationCheck($"attestation {name}", false, $"its name says key {keyId}, it says key {claimed}"));
            return;
        }

        AddVerdict(" " + name, path, verdict, isOptional: verdict.State == SignatureState.Unknown, later);
        later.Add(first?.Envelope is { } stated && other.Envelope!.PayloadType == stated.PayloadType && other.Envelope.Payload.Span.SequenceEqual(stated.Payload.Span)
            ? new VerificationCheck($"statement {name}", true, "it states the same")
            : new VerificationCheck($"statement {name}", false, "it states something else than the first attestation"));
    }

    private void AddVerdict(string of, string path, SignatureVerdict verdict, bool isOptional, List<VerificationCheck> into)
    {
        if (verdict.State != SignatureState.Trusted)
        {
            into.Add(new VerificationCheck("attestation" + of, isOptional, isOptional ? $"not judged: {verdict.Signer}" : verdict.Signer));
            return;
        }

        into.Add(new VerificationCheck("attestation" + of, true, verdict.Signer));
        var lacksTime = demand.Time && verdict.Time is null;
        into.Add(new VerificationCheck("time" + of, verdict.IsTimeGood && !lacksTime, lacksTime && verdict.IsTimeGood ? $"a trusted time is demanded: {verdict.TimeDetail}" : verdict.TimeDetail));
        into.Add(new VerificationCheck("validity" + of, verdict.IsInPeriod, verdict.PeriodDetail));
        if (verdict.Ok && !lacksTime && _signers.TrueForAll(s => s.Key.KeyId != verdict.Key!.KeyId))
        {
            _signers.Add((new BundleSignature(Path.GetFileName(path), verdict.Signer, verdict.Key!.KeyId, verdict.Time), verdict.Key));
        }
    }

    private void AddSigners()
    {
        var missing = demand.Everyone ? demand.Trust.Keys.Where(k => _signers.TrueForAll(s => s.Key.KeyId != k.Key.KeyId)).Select(k => k.ToString()).ToList() : [];
        var needed = Math.Max(1, demand.Needed);
        checks.Add(new VerificationCheck(
            "signers",
            _signers.Count >= needed && missing.Count == 0,
            $"{_signers.Count} of those that were named signed, {needed} demanded{(missing.Count == 0 ? "" : $"; missing: {string.Join(", ", missing)}")}"));
    }

    private async Task<SigstoreBundle?> ReadAsync(string path, string check, CancellationToken cancellationToken)
    {
        var json = await BoundedFile.ReadAsync(path, SigstoreBundle.MaxBytes, cancellationToken).ConfigureAwait(false);
        var error = $"'{Path.GetFileName(path)}' is missing or longer than {SigstoreBundle.MaxBytes} bytes";
        if (json is not null && SigstoreBundle.TryParse(json, out var bundle, out error))
        {
            if (bundle.Envelope is not null && bundle.IsWrittenAs(json))
            {
                return bundle;
            }

            error = bundle.Envelope is null ? "it signs a file's digest, not a statement" : "it is not in the one form that evidence has: something was added or written another way";
        }

        checks.Add(new VerificationCheck(check, false, error));
        return null;
    }

    private static Statement? StatementOf(SigstoreBundle bundle) =>
        bundle.Envelope!.PayloadType == Statement.PayloadType && Statement.TryParse(bundle.Envelope.Payload.Span, out var statement) && statement.PredicateType == BundleFormat.PredicateType
            ? statement
            : null;
}
