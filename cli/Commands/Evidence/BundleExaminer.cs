using System.Text.Json;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>Judges any Sigstore bundle by a key, or by an identity of one's own authority. What would need a transparency log is not supported.</summary>
internal sealed class BundleExaminer(TimeProvider clock)
{
    private static readonly string[] s_olderForms = ["application/vnd.dev.sigstore.bundle+json;version=0.1", "application/vnd.dev.sigstore.bundle+json;version=0.2", "application/vnd.dev.sigstore.bundle+json;version=0.3"];
    private static readonly string[] s_statementTypes = [Statement.StatementType, "https://in-toto.io/Statement/v0.1"];

    /// <param name="key">Who must have signed; null for the identity.</param>
    public VerifyBundleReport Examine(byte[] json, byte[] sha256, VerificationKey? key, CertificateIdentity? identity, TrustedRoot? root)
    {
        if (!SigstoreBundle.TryParse(json, out var bundle, out var error))
        {
            return MediaTypeOf(json) is { } older && s_olderForms.Contains(older)
                ? new(VerifyBundleReport.Unsupported, $"a bundle of the older form '{older}': only {SigstoreBundle.MediaType} is read")
                : Refused(error);
        }

        if (AboutFault(bundle, sha256) is { } fault)
        {
            return Refused(fault);
        }

        return key is not null ? ByKey(bundle, sha256, key, root) : ByIdentity(bundle, sha256, identity!, root);
    }

    private VerifyBundleReport ByKey(SigstoreBundle bundle, byte[] sha256, VerificationKey key, TrustedRoot? root)
    {
        if (bundle.Certificate is not null)
        {
            return Refused("it is signed by a certificate, not by a key");
        }

        // A log's entry adds nothing that a key's owner relies on; it is said that nobody looked at it.
        var notJudged = bundle.LogEntries > 0 ? $"{bundle.LogEntries} entry of a transparency log: none is asked or known here" : null;
        return Judge(bundle, sha256, SignerTrust.Of([key]) with { TimestampAuthorities = root?.TimestampAuthorities ?? [] }, notJudged);
    }

    private VerifyBundleReport ByIdentity(SigstoreBundle bundle, byte[] sha256, CertificateIdentity identity, TrustedRoot? root)
    {
        if (bundle.Certificate is null)
        {
            return Refused("it is signed by a key, not by a certificate: name the key with --key");
        }

        if (root is null)
        {
            return new(VerifyBundleReport.Unsupported, "an identity needs --trusted-root with its certificate and timestamp authorities: none is built in, and none is fetched");
        }

        if (root.Logs > 0 || bundle.LogEntries > 0)
        {
            return new(VerifyBundleReport.Unsupported, "an identity of an authority whose certificates or signatures stand in a transparency log: its proofs are not judged here, and without them it proves nothing");
        }

        var trust = new SignerTrust { Identities = [identity], CertificateAuthorities = root.CertificateAuthorities, TimestampAuthorities = root.TimestampAuthorities };
        return Judge(bundle, sha256, trust, null);
    }

    private VerifyBundleReport Judge(SigstoreBundle bundle, byte[] sha256, SignerTrust trust, string? notJudged)
    {
        var judge = new SignatureJudge(trust, clock);
        var verdict = bundle.Envelope is null ? judge.JudgeMessage(bundle, sha256) : judge.JudgeStatement(bundle);
        return verdict.Ok
            ? new(VerifyBundleReport.Verified, verdict.Signer, verdict.Time, verdict.Time is null && bundle.Timestamps.Count > 0 ? Join(notJudged, verdict.TimeDetail) : notJudged)
            : Refused(verdict.Fault);
    }

    /// <summary>Why the bundle is not about the artifact; null when it is.</summary>
    private static string? AboutFault(SigstoreBundle bundle, byte[] sha256)
    {
        if (bundle.Message is { } message)
        {
            return message.Sha256.Span.SequenceEqual(sha256) ? null : $"it is about a file with sha256 {Convert.ToHexStringLower(message.Sha256.Span)}, this one has {Convert.ToHexStringLower(sha256)}";
        }

        var envelope = bundle.Envelope!;
        return envelope.PayloadType != Statement.PayloadType ? $"its payload is '{envelope.PayloadType}', not an in-toto statement"
            : IsSubject(envelope.Payload, Convert.ToHexStringLower(sha256)) ? null : $"its statement names no subject with sha256 {Convert.ToHexStringLower(sha256)}";
    }

    /// <summary>Other people's statements may have subjects and digests that ours do not.</summary>
    private static bool IsSubject(ReadOnlyMemory<byte> payload, string sha256)
    {
        try
        {
            using var statement = JsonDocument.Parse(payload, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 64 });
            return s_statementTypes.Contains(statement.RootElement.GetProperty("_type").GetString())
                && statement.RootElement.GetProperty("subject").EnumerateArray().Any(s => s.GetProperty("digest").TryGetProperty("sha256", out var digest) && digest.GetString() == sha256);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return false;
        }
    }

    private static string? MediaTypeOf(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = 16 });
            return document.RootElement.GetProperty("mediaType").GetString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    private static VerifyBundleReport Refused(string why) => new(VerifyBundleReport.Refused, why);

    private static string Join(string? one, string two) => one is null ? two : $"{one}; {two}";
}
