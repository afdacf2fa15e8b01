using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>Opens a bundle that has to be a statement about a closure, signed by a key that is trusted for it.</summary>
internal sealed class StatementReader(TrustStore trust)
{
    /// <summary>Everything but what it is about.</summary>
    /// <param name="what">How a refusal names the bundle.</param>
    /// <param name="uses">The key needs one of them.</param>
    public bool TryOpen<T>(
        string what,
        byte[] bundle,
        string predicateType,
        ReadOnlySpan<string> uses,
        JsonTypeInfo<T> json,
        [NotNullWhen(true)] out SignedStatement<T>? statement,
        [NotNullWhen(false)] out DeploymentJudgement.Refused? refused)
        where T : class, IClosurePredicate
    {
        statement = null;
        refused = null;
        if (bundle.Length == 0)
        {
            refused = new(DeploymentRefusal.Unsigned, $"{what} is empty: nobody signed it");
        }
        else if (bundle.Length > SigningLimits.MaxBundleBytes)
        {
            refused = new(DeploymentRefusal.TooLarge, $"{what} has {bundle.Length} bytes, {SigningLimits.MaxBundleBytes} are allowed");
        }
        else if (!SigstoreBundle.TryParse(bundle, out var parsed, out var error))
        {
            refused = new(DeploymentRefusal.Malformed, $"{what}: {error}");
        }
        else if (parsed.Envelope is not { } envelope)
        {
            refused = new(DeploymentRefusal.Unsigned, $"{what} signs a file and states nothing: a DSSE envelope with a statement is needed");
        }
        else if (parsed.KeyId is not { } keyId || !trust.TryFind(keyId, out var entry, out var key))
        {
            refused = new(DeploymentRefusal.UnknownSigner, $"{what} is signed by the key {parsed.KeyId ?? "without an id"}, which the trust file does not know");
        }
        else if (!parsed.IsStatementSignedBy(key))
        {
            refused = new(DeploymentRefusal.BadSignature, $"{what} does not bear the signature of '{entry.Name}' ({keyId})");
        }
        else if (!entry.Uses.Any(uses.ToArray().Contains))
        {
            refused = new(DeploymentRefusal.UnknownSigner, $"{what} is signed by '{entry.Name}', whose key lacks the use '{string.Join("' or '", uses)}' in the trust file");
        }
        else if (!trust.IsValidNow(entry))
        {
            refused = new(DeploymentRefusal.UnknownSigner, $"{what} is signed by '{entry.Name}', whose key counts {TrustStore.ValidityOf(entry)}");
        }
        else if (envelope.PayloadType != Statement.PayloadType || !Statement.TryParse(envelope.Payload.Span, out var read) || read.Subject.Count != 1)
        {
            refused = new(DeploymentRefusal.Malformed, $"{what} holds no in-toto statement about one subject");
        }
        else if (read.PredicateType != predicateType)
        {
            refused = new(DeploymentRefusal.WrongPredicate, $"{what} states '{read.PredicateType}', not '{predicateType}'");
        }
        else if (PredicateOf(read.Predicate, json, out var fault) is not { } predicate)
        {
            refused = new(DeploymentRefusal.WrongPredicate, $"{what}: {fault}");
        }
        else
        {
            statement = new(what, entry, read.Subject[0], predicate, Convert.ToHexStringLower(SHA256.HashData(envelope.Payload.Span)));
            return true;
        }

        return false;
    }

    private static T? PredicateOf<T>(JsonElement element, JsonTypeInfo<T> json, out string fault)
        where T : class, IClosurePredicate
    {
        try
        {
            var predicate = element.Deserialize(json);
            fault = predicate is null ? "the predicate is null" : predicate.Fault ?? "";
            return fault.Length == 0 ? predicate : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            fault = e.Message;
            return null;
        }
    }
}

/// <summary>A statement whose signature is good.</summary>
/// <param name="What">How a refusal names its bundle.</param>
/// <param name="Signer">Of the uses that were asked for.</param>
/// <param name="Digest">Lower-case hex of the SHA-256 of the signed payload.</param>
internal sealed record SignedStatement<T>(string What, TrustedKey Signer, StatementSubject Subject, T Predicate, string Digest)
    where T : class, IClosurePredicate
{
    /// <summary>Null when it is about this closure.</summary>
    public DeploymentJudgement.Refused? RefusedFor(ProfileClosure closure)
    {
        if (Subject.Digest.Sha256 != closure.Digest || Subject.Name != closure.SubjectName)
        {
            return new(DeploymentRefusal.DigestMismatch, $"{What} is about {Subject.Name} ({Subject.Digest.Sha256}), not about {closure.SubjectName} ({closure.Digest})");
        }

        return Predicate.Profile == closure.Profile && Predicate.Version == closure.Version
            ? null
            : new(DeploymentRefusal.WrongPredicate, $"{What} says '{Predicate.Profile}' version {Predicate.Version}, its subject is '{closure.Profile}' version {closure.Version}");
    }
}
