using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

/// <summary>
/// Cases of our own making with the faults of the published Sigstore conformance vectors, in their command form. The vectors themselves are run
/// by <c>eng/conformance.sh</c>, outside CI.
/// </summary>
public sealed class VerifyBundleTests : IDisposable
{
    private const string Person = "https://example.org/people/ada";
    private const string Issuer = "https://login.example.org";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-verify-bundle-");
    private readonly SigningKey _key = SigningKey.Create();
    private readonly TestAuthority _ca = new("ca", TestAuthority.CodeSigning);
    private readonly TestTimestampAuthority _tsa = new();
    private readonly DateTimeOffset _now;

    public VerifyBundleTests()
    {
        var now = TimeProvider.System.GetUtcNow().AddMinutes(-5);
        _now = now.AddTicks(-(now.Ticks % TimeSpan.TicksPerSecond));
        _tsa.Now = () => _now;
        Write("artifact", "what is signed"u8.ToArray());
        Write("other", "what is not signed"u8.ToArray());
        Write("key.pub", Encoding.ASCII.GetBytes(_key.Public.ToPem()));
    }

    [Theory]
    [InlineData("happy path", 0)]
    [InlineData("happy path of a statement", 0)]
    [InlineData("by digest", 0)]
    [InlineData("with time, no root", 0)]
    [InlineData("with time and root", 0)]
    [InlineData("with a log entry", 0)]
    [InlineData("wrong key", 3)]
    [InlineData("key that is none", 2)]
    [InlineData("wrong material", 3)]
    [InlineData("wrong material of a statement", 3)]
    [InlineData("wrong digest", 3)]
    [InlineData("signature mismatch", 3)]
    [InlineData("signature is not base64", 3)]
    [InlineData("message digest mismatch", 3)]
    [InlineData("statement: signature mismatch", 3)]
    [InlineData("statement: envelope mismatch", 3)]
    [InlineData("statement: two signatures", 3)]
    [InlineData("statement: another payload type", 3)]
    [InlineData("malformed JSON", 3)]
    [InlineData("unknown version", 3)]
    [InlineData("older version", 1)]
    [InlineData("legacy form with a key of its own", 3)]
    [InlineData("another's hint", 3)]
    [InlineData("time of another signature", 3)]
    [InlineData("time of an untrusted authority", 3)]
    [InlineData("by certificate", 3)]
    public async Task ByKey(string what, int exitCode)
    {
        var message = await MessageAsync(new SigstoreSigner(_key));
        var statement = await StatementAsync(new SigstoreSigner(_key));
        var another = await MessageAsync(new SigstoreSigner(_key), "other");
        var timed = await MessageAsync(new SigstoreSigner(_key, null, _tsa.Stamper));
        using var other = SigningKey.Create();
        using var stranger = new TestTimestampAuthority();
        using var certificate = _ca.Issue(_key, Person, Issuer);
        var (bundle, artifact, key, root) = (message, "artifact", "key.pub", (string?)null);
        switch (what)
        {
            case "happy path of a statement": bundle = statement; break;
            case "by digest": artifact = "sha256:" + Convert.ToHexStringLower(SHA256.HashData("what is signed"u8)); break;
            case "wrong digest": artifact = "sha256:" + new string('0', 64); break;
            case "with time, no root": bundle = timed; break;
            case "with time and root": (bundle, root) = (timed, Root([], [_tsa.Pem])); break;
            case "with a log entry": bundle = Changed(message, b => b["verificationMaterial"]!["tlogEntries"] = new JsonArray(new JsonObject())); break;
            case "wrong key": Write(key = "other.pub", Encoding.ASCII.GetBytes(other.Public.ToPem())); break;
            case "key that is none": Write(key = "none.pub", Encoding.ASCII.GetBytes(_key.Public.ToPem().Replace("MFkw", "MFkx", StringComparison.Ordinal))); break;
            case "wrong material": artifact = "other"; break;
            case "wrong material of a statement": (bundle, artifact) = (statement, "other"); break;
            case "signature mismatch": bundle = Changed(message, b => b["messageSignature"]!["signature"] = Convert.ToBase64String(SignatureOf(another))); break;
            case "signature is not base64": bundle = Changed(message, b => b["messageSignature"]!["signature"] = "????"); break;
            case "message digest mismatch": bundle = Changed(message, b => b["messageSignature"]!["messageDigest"]!["digest"] = Convert.ToBase64String(new byte[32])); break;
            case "statement: signature mismatch": bundle = Changed(statement, b => b["dsseEnvelope"]!["signatures"]![0]!["sig"] = (string)JsonNode.Parse(message)!["messageSignature"]!["signature"]!); break;
            case "statement: envelope mismatch": bundle = Changed(statement, b => b["dsseEnvelope"]!["payload"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(Convert.FromBase64String((string)b["dsseEnvelope"]!["payload"]!)).Replace("\"a\":1", "\"a\":2", StringComparison.Ordinal)))); break;
            case "statement: two signatures": bundle = Changed(statement, b => b["dsseEnvelope"]!["signatures"]!.AsArray().Add(b["dsseEnvelope"]!["signatures"]![0]!.DeepClone())); break;
            case "statement: another payload type": bundle = Changed(statement, b => b["dsseEnvelope"]!["payloadType"] = "text/plain"); break;
            case "malformed JSON": bundle = message[..^10]; break;
            case "unknown version": bundle = Changed(message, b => b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=99.9"); break;
            case "older version": bundle = Changed(message, b => b["mediaType"] = "application/vnd.dev.sigstore.bundle+json;version=0.2"); break;
            case "legacy form with a key of its own": bundle = Encoding.UTF8.GetBytes($$"""{"base64Signature":"AA==","cert":"{{Convert.ToBase64String(Encoding.ASCII.GetBytes(other.Public.ToPem()))}}"}"""); break;
            case "another's hint": bundle = Changed(message, b => b["verificationMaterial"]!["publicKey"]!["hint"] = Convert.ToBase64String(SHA256.HashData(other.Public.SubjectPublicKeyInfo.Span))); break;
            case "time of another signature": (bundle, root) = (Changed(message, b => b["verificationMaterial"]!["timestampVerificationData"] = JsonNode.Parse(timed)!["verificationMaterial"]!["timestampVerificationData"]!.DeepClone()), Root([], [_tsa.Pem])); break;
            case "time of an untrusted authority": (bundle, root) = (timed, Root([], [stranger.Pem])); break;
            case "by certificate": bundle = await MessageAsync(new SigstoreSigner(_key, certificate, _tsa.Stamper)); break;
            default: break;
        }

        await VerifyAsync(exitCode, bundle, artifact, root, "--key", key);
    }

    [Theory]
    [InlineData("happy path", 0)]
    [InlineData("happy path of a statement", 0)]
    [InlineData("time without its certificate", 0)]
    [InlineData("time whose chain has ended since", 0)]
    [InlineData("time at the end of the trust", 0)]
    [InlineData("other identity", 3)]
    [InlineData("other issuer", 3)]
    [InlineData("authority of another instance", 3)]
    [InlineData("certificate of an authority", 3)]
    [InlineData("empty certificate", 3)]
    [InlineData("certificate of another key", 3)]
    [InlineData("certificate that had ended", 3)]
    [InlineData("certificate that had not begun", 3)]
    [InlineData("no time", 3)]
    [InlineData("time outside the authority's certificate", 3)]
    [InlineData("time outside the trust", 3)]
    [InlineData("time of another signature", 3)]
    [InlineData("untrusted time with its certificate", 3)]
    [InlineData("untrusted time without its certificate", 3)]
    [InlineData("by key", 3)]
    [InlineData("no root", 1)]
    [InlineData("root with a log", 1)]
    [InlineData("bundle with a log entry", 1)]
    public async Task ByIdentity(string what, int exitCode)
    {
        using var stranger = new TestTimestampAuthority();
        using var otherCa = new TestAuthority("ca", TestAuthority.CodeSigning);
        using var shortLived = new TestTimestampAuthority(_tsa.Authority, _now.AddMinutes(-2), _now.AddMinutes(2));
        using var other = SigningKey.Create();
        shortLived.Now = () => _now;
        var ca = what == "authority of another instance" ? otherCa : _ca;
        var (from, until) = what switch { "certificate that had ended" => (-10, -5), "certificate that had not begun" => (1, 4), _ => (-5, 4) };
        using var certificate = ca.Issue(_key, Person, Issuer, _now.AddMinutes(from), _now.AddMinutes(until), isAuthority: false);
        using var authority = _ca.Issue(_key, Person, Issuer, isAuthority: true);
        using var others = _ca.Issue(other, Person, Issuer);
        var tsa = what.StartsWith("untrusted", StringComparison.Ordinal) ? stranger : what == "time whose chain has ended since" ? shortLived : _tsa;
        if (what == "time outside the authority's certificate")
        {
            tsa = shortLived;
            shortLived.Now = () => _now.AddMinutes(3);
        }

        var signer = new SigstoreSigner(_key, certificate, tsa.Stamper);
        var bundle = what == "time outside the authority's certificate" ? await MessageAsync(new SigstoreSigner(_key, certificate, _tsa.Stamper)) : what == "happy path of a statement" ? await StatementAsync(signer) : await MessageAsync(signer);
        if (what.EndsWith("without its certificate", StringComparison.Ordinal))
        {
            tsa.Embeds = false;
            bundle = WithTime(bundle, tsa.Stamp(SignatureOf(bundle)));
        }

        string? root = Root([_ca.Pem], [tsa == shortLived ? shortLived.Pem : _tsa.Pem]);
        var (identity, issuer) = (Person, Issuer);
        switch (what)
        {
            case "time at the end of the trust": root = Root([_ca.Pem], [_tsa.Pem], _now); break;
            case "time outside the trust": root = Root([_ca.Pem], [_tsa.Pem], _now.AddSeconds(-1)); break;
            case "time outside the authority's certificate": bundle = WithTime(bundle, shortLived.Stamp(SignatureOf(bundle))); break;
            case "time of another signature": bundle = WithTime(bundle, _tsa.Stamp("another"u8)); break;
            case "other identity": identity = "https://example.org/people/ben"; break;
            case "other issuer": issuer = "https://login.example.com"; break;
            case "certificate of an authority": bundle = WithCertificate(bundle, authority); break;
            case "certificate of another key": bundle = WithCertificate(bundle, others); break;
            case "empty certificate": bundle = Changed(bundle, b => b["verificationMaterial"]!["certificate"]!["rawBytes"] = ""); break;
            case "no time": bundle = Changed(bundle, b => b["verificationMaterial"]!.AsObject().Remove("timestampVerificationData")); break;
            case "by key": bundle = await MessageAsync(new SigstoreSigner(_key, null, _tsa.Stamper)); break;
            case "no root": root = null; break;
            case "root with a log": root = Root([_ca.Pem], [_tsa.Pem], null, logs: 1); break;
            case "bundle with a log entry": bundle = Changed(bundle, b => b["verificationMaterial"]!["tlogEntries"] = new JsonArray(new JsonObject())); break;
            default: break;
        }

        await VerifyAsync(exitCode, bundle, "artifact", root, "--certificate-identity", identity, "--certificate-oidc-issuer", issuer);
    }

    [Fact]
    public async Task NobodyOrBothNamed_IsWrongUsage()
    {
        var bundle = await MessageAsync(new SigstoreSigner(_key));
        await VerifyAsync(2, bundle, "artifact", null);
        await VerifyAsync(2, bundle, "artifact", null, "--key", "key.pub", "--certificate-identity", Person, "--certificate-oidc-issuer", Issuer);
        await VerifyAsync(2, bundle, "artifact", null, "--certificate-identity", Person);
    }

    public void Dispose()
    {
        _folder.Delete(recursive: true);
        _key.Dispose();
        _ca.Dispose();
        _tsa.Dispose();
    }

    private async Task VerifyAsync(int exitCode, byte[] bundle, string artifact, string? root, params string[] signer)
    {
        Write("bundle.sigstore.json", bundle);
        var cli = new CliRun { WorkingDirectory = _folder.FullName };

        var code = await cli.RunAsync(["evidence", "verify-bundle", "--staging", "--bundle", "bundle.sigstore.json", .. signer, .. root is null ? Array.Empty<string>() : ["--trusted-root", root], artifact, "--output", "json"]);

        Assert.True(exitCode == code, $"{code}: {cli.Out}{cli.Error}");
        if (code != 2)
        {
            using var report = JsonDocument.Parse(cli.Out);
            Assert.Equal(code switch { 0 => "verified", 1 => "unsupported", _ => "refused" }, report.RootElement.GetProperty("verdict").GetString());
            Assert.NotEqual("", report.RootElement.GetProperty("detail").GetString());
        }
    }

    private static Task<byte[]> MessageAsync(SigstoreSigner signer, string artifact = "artifact") => SigstoreBundle.SignMessageAsync(
        SHA256.HashData(artifact == "artifact" ? "what is signed"u8 : "what is not signed"u8), signer, CancellationToken.None);

    private static Task<byte[]> StatementAsync(SigstoreSigner signer)
    {
        using var predicate = JsonDocument.Parse("""{"a":1}""");
        var subject = new StatementSubject("artifact", new StatementDigest(Convert.ToHexStringLower(SHA256.HashData("what is signed"u8))));
        return SigstoreBundle.SignStatementAsync(new Statement(Statement.StatementType, [subject], "https://example.org/p", predicate.RootElement.Clone()), signer, CancellationToken.None);
    }

    private static byte[] Changed(byte[] bundle, Action<JsonNode> change)
    {
        var json = JsonNode.Parse(bundle)!;
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }

    private static byte[] SignatureOf(byte[] bundle) => Convert.FromBase64String((string)JsonNode.Parse(bundle)!["messageSignature"]!["signature"]!);

    private static byte[] WithTime(byte[] bundle, byte[] time) =>
        Changed(bundle, b => b["verificationMaterial"]!["timestampVerificationData"]!["rfc3161Timestamps"]![0]!["signedTimestamp"] = Convert.ToBase64String(time));

    private static byte[] WithCertificate(byte[] bundle, X509Certificate2 certificate) =>
        Changed(bundle, b => b["verificationMaterial"]!["certificate"]!["rawBytes"] = Convert.ToBase64String(certificate.RawData));

    /// <summary>A trusted root as cosign writes it.</summary>
    private string Root(string[] authorities, string[] timestamps, DateTimeOffset? timestampsUntil = null, int logs = 0)
    {
        JsonArray Chains(string[] pems, DateTimeOffset? until) => new([.. pems.Select(pem =>
        {
            var certificates = new X509Certificate2Collection();
            certificates.ImportFromPem(pem);
            var validity = new JsonObject { ["start"] = "2020-01-01T00:00:00Z" };
            if (until is { } end)
            {
                validity["end"] = end.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture);
            }

            return new JsonObject
            {
                ["uri"] = "https://authority.example.org",
                ["certChain"] = new JsonObject { ["certificates"] = new JsonArray([.. certificates.Select(c => new JsonObject { ["rawBytes"] = Convert.ToBase64String(c.RawData) })]) },
                ["validFor"] = validity,
            };
        })]);
        Write("root.json", Encoding.UTF8.GetBytes(new JsonObject
        {
            ["mediaType"] = "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
            ["certificateAuthorities"] = Chains(authorities, null),
            ["timestampAuthorities"] = Chains(timestamps, timestampsUntil),
            ["tlogs"] = new JsonArray([.. Enumerable.Range(0, logs).Select(_ => new JsonObject())]),
        }.ToJsonString()));
        return "root.json";
    }

    private void Write(string name, byte[] content) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), content);
}
