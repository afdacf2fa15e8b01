using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Sigstore;

public sealed class SignatureJudgeTests : IDisposable
{
    private const string Person = "https://example.org/people/ada";
    private const string Issuer = "https://login.example.org";

    private static readonly byte[] s_digest = SHA256.HashData("what is signed"u8);

    private readonly SigningKey _key = SigningKey.Create();
    private readonly TestTimestampAuthority _tsa = new();
    private readonly TestAuthority _ca = new("ca", TestAuthority.CodeSigning);

    // The middle of the authorities' month.
    private readonly DateTimeOffset _now;
    private readonly FakeTimeProvider _clock;

    public SignatureJudgeTests()
    {
        _now = new DateTimeOffset(_tsa.Authority.From.AddDays(30).UtcDateTime.Date, TimeSpan.Zero);
        _clock = new FakeTimeProvider(_now);
        _tsa.Now = _clock.GetUtcNow;
    }

    [Theory]
    [InlineData(null, null, true)]
    [InlineData(-1, 1, true)]
    [InlineData(0, 0, true)]
    [InlineData(1, null, false)]
    [InlineData(null, -1, false)]
    public async Task Judge_WithoutTime_TheKeyMustCountNow(int? from, int? until, bool isGood)
    {
        var bundle = await SignAsync(new SigstoreSigner(_key));

        var verdict = Judge(bundle, KeyTrust(from, until));

        Assert.Equal((isGood, (DateTimeOffset?)null), (verdict.Ok, verdict.Time));
        Assert.Equal(isGood, !verdict.Fault.Contains("without a trusted time it is judged by now", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(-1, 1, true)]
    [InlineData(0, 0, true)]
    [InlineData(1, null, false)]
    [InlineData(null, -1, false)]
    public async Task Judge_WithTime_TheKeyMustCountThen_WheneverItIsRead(int? from, int? until, bool isGood)
    {
        var bundle = await SignAsync(new SigstoreSigner(_key, null, _tsa.Stamper));

        foreach (var years in new[] { 0, 1, 20 })
        {
            _clock.SetUtcNow(_now.AddYears(years));
            var verdict = Judge(bundle, KeyTrust(from, until));
            Assert.Equal((isGood, (DateTimeOffset?)_now), (verdict.Ok, verdict.Time));
        }
    }

    [Fact]
    public async Task Judge_TimestampThatIsNotGood_IsNeverPassedOver()
    {
        var bundle = await SignAsync(new SigstoreSigner(_key, null, _tsa.Stamper));
        var other = Parse(await SignAsync(new SigstoreSigner(_key, null, _tsa.Stamper)));
        using var stranger = new TestTimestampAuthority();
        var trust = KeyTrust(null, null);

        Assert.True(Judge(bundle, trust).Ok);
        Assert.True(Judge(bundle, trust with { TimestampAuthorities = [] }).Ok);
        Assert.Contains("not judged", Judge(bundle, trust with { TimestampAuthorities = [] }).TimeDetail, StringComparison.Ordinal);
        Assert.False(Judge(bundle, trust with { TimestampAuthorities = [stranger.Chain()] }).Ok);
        Assert.False(new SignatureJudge(trust, _clock).JudgeMessage(Parse(bundle).With(other.Timestamps[0]), s_digest).Ok);
    }

    [Fact]
    public async Task Judge_Certificate_NamesWhoSigned()
    {
        // Ten minutes long, and long over when it is read.
        using var certificate = _ca.Issue(_key, Person, Issuer, _now.AddMinutes(-5), _now.AddMinutes(5));
        var bundle = await SignAsync(new SigstoreSigner(_key, certificate, _tsa.Stamper));
        _clock.SetUtcNow(_now.AddYears(2));

        var verdict = Judge(bundle, PersonTrust);

        Assert.True(verdict.Ok, verdict.Fault);
        Assert.Equal((_key.KeyId, (DateTimeOffset?)_now), (verdict.Key!.KeyId, verdict.Time));
        Assert.Equal(SignatureState.Unknown, Judge(bundle, PersonTrust with { Identities = [new CertificateIdentity(Person + "x", Issuer)] }).State);
        Assert.Equal(SignatureState.Unknown, Judge(bundle, PersonTrust with { Identities = [new CertificateIdentity(Person, Issuer + "x")] }).State);
        Assert.Equal(SignatureState.Unknown, Judge(bundle, KeyTrust(null, null)).State);
        Assert.Equal(SignatureState.Bad, Judge(bundle, PersonTrust with { CertificateAuthorities = [] }).State);
        Assert.Equal(SignatureState.Bad, Judge(bundle, PersonTrust with { CertificateAuthorities = [_ca.Chain(new ValidityPeriod(_now.AddSeconds(1), null))] }).State);
        Assert.Contains("needs a trusted time", Judge(bundle, PersonTrust with { TimestampAuthorities = [] }).Fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5, 10)]
    [InlineData(-10, -5)]
    public async Task Judge_StampedOutsideTheCertificate_IsRefused(int from, int until)
    {
        using var certificate = _ca.Issue(_key, Person, Issuer, _now.AddMinutes(from), _now.AddMinutes(until));

        Assert.Contains("is not good at", Judge(await SignAsync(new SigstoreSigner(_key, certificate, _tsa.Stamper)), PersonTrust).Fault, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Judge_CertificateForAnotherPurposeOrByAnotherAuthority_IsRefused()
    {
        using var stranger = new TestAuthority("ca", TestAuthority.CodeSigning);
        using var theirs = stranger.Issue(_key, Person, Issuer);
        using var purpose = _ca.Issue(_key, Person, Issuer, usage: TestAuthority.TimeStamping);

        Assert.Equal(SignatureState.Bad, Judge(await SignAsync(new SigstoreSigner(_key, theirs, _tsa.Stamper)), PersonTrust).State);
        Assert.Equal(SignatureState.Bad, Judge(await SignAsync(new SigstoreSigner(_key, purpose, _tsa.Stamper)), PersonTrust).State);
    }

    [Fact]
    public void Signer_CertificateOfAnotherKeyOrOfAnAuthority_IsRefused()
    {
        using var other = SigningKey.Create();
        using var certificate = _ca.Issue(other, Person, Issuer);
        using var authority = _ca.Issue(_key, Person, Issuer, isAuthority: true);

        Assert.Contains("not of the signing key", Assert.Throws<CryptographicException>(() => new SigstoreSigner(_key, certificate)).Message, StringComparison.Ordinal);
        Assert.Throws<CryptographicException>(() => new SigstoreSigner(_key, authority));
    }

    [Fact]
    public async Task IsWrittenAs_OneFormOnly()
    {
        using var certificate = _ca.Issue(_key, Person, Issuer);
        using var predicate = JsonDocument.Parse("{}");
        var statement = new Statement(Statement.StatementType, [new StatementSubject("f", new StatementDigest(new string('0', 64)))], "https://example.org/p", predicate.RootElement.Clone());
        foreach (var signer in new[] { new SigstoreSigner(_key), new SigstoreSigner(_key, null, _tsa.Stamper), new SigstoreSigner(_key, certificate, _tsa.Stamper) })
        {
            foreach (var json in new[] { await SignAsync(signer), await SigstoreBundle.SignStatementAsync(statement, signer, default) })
            {
                Assert.True(Parse(json).IsWrittenAs(json));
                byte[] spaced = [(byte)' ', .. json];
                Assert.False(Parse(spaced).IsWrittenAs(spaced));
            }
        }
    }

    public void Dispose()
    {
        _key.Dispose();
        _tsa.Dispose();
        _ca.Dispose();
    }

    private static SigstoreBundle Parse(byte[] json)
    {
        Assert.True(SigstoreBundle.TryParse(json, out var bundle, out var error), error);
        return bundle;
    }

    private static Task<byte[]> SignAsync(SigstoreSigner signer) => SigstoreBundle.SignMessageAsync(s_digest, signer, default);

    private SignatureVerdict Judge(byte[] bundle, SignerTrust trust) => new SignatureJudge(trust, _clock).JudgeMessage(Parse(bundle), s_digest);

    /// <param name="from">Days from now.</param>
    private SignerTrust KeyTrust(int? from, int? until) => new()
    {
        Keys = [new TrustedSigner(_key.Public, "key", new ValidityPeriod(from is { } f ? _now.AddDays(f) : null, until is { } u ? _now.AddDays(u) : null))],
        TimestampAuthorities = [_tsa.Chain()],
    };

    private SignerTrust PersonTrust => new()
    {
        Identities = [new CertificateIdentity(Person, Issuer)],
        CertificateAuthorities = [_ca.Chain()],
        TimestampAuthorities = [_tsa.Chain()],
    };
}
