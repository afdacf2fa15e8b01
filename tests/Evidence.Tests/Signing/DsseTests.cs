using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Signing;

public sealed class DsseTests
{
    private const string Type = "application/vnd.stella-ops.test.v1+json";

    private static readonly SigningKey s_key = SigningKey.Create();
    private static readonly SigningKey s_other = SigningKey.Create();

    // Of a signature of 70 bytes the last digit before "==" has four bits that say nothing.
    [Fact]
    public void TryParse_UnusedBitsOfBase64_AreRefused()
    {
        const string Json = """{"payload":"AA==","payloadType":"t","signatures":[{"sig":"AAAA"}]}""";

        Assert.True(Dsse.TryParse(Encoding.UTF8.GetBytes(Json), out _));
        Assert.False(Dsse.TryParse(Encoding.UTF8.GetBytes(Json.Replace("AA==", "AB==", StringComparison.Ordinal)), out _));
        Assert.False(Dsse.TryParse(Encoding.UTF8.GetBytes(Json.Replace("AAAA", "A\nAAA", StringComparison.Ordinal)), out _));
    }

    [Theory]
    [InlineData("""{"payload":"AA==","payloadType":"\ud800","signatures":[{"sig":"AAAA"}]}""")]
    [InlineData("""{"payload":"AA==","payloadType":"t","\udc00":1,"signatures":[{"sig":"AAAA"}]}""")]
    [InlineData("""{"payload":"AA==","payloadType":"t","signatures":[{"sig":"AAAA","keyid":"\ud800"}]}""")]
    [InlineData("""{"payload":"AA==","payloadType":"t","signatures":[{"sig":"\ud800"}]}""")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("")]
    public void TryParse_NoEnvelope_IsFalseAndNoException(string json) => Assert.False(Dsse.TryParse(Encoding.UTF8.GetBytes(json), out _));

    // https://github.com/secure-systems-lab/dsse/blob/v1.0.0/protocol.md#test-vectors
    [Fact]
    public void PreAuthenticationEncoding_VectorOfTheSpecification() => Assert.Equal(
        "DSSEv1 29 http://example.com/HelloWorld 11 hello world",
        Encoding.UTF8.GetString(Dsse.PreAuthenticationEncoding("http://example.com/HelloWorld", "hello world"u8)));

    [Fact]
    public void TryOpen_SignedForThisUse_GivesPayloadAndSigner()
    {
        var message = Dsse.Sign(Type, "{}"u8, s_key, withKeyId: true);

        Assert.True(Trust().TryOpen(message, Type, KnownKeyUses.Incident, out var payload, out var signer));
        Assert.Equal("{}", Encoding.UTF8.GetString(payload.Span));
        Assert.Equal("incident-service", signer);
    }

    [Fact]
    public void TryOpen_OtherUse_OtherType_OtherKey_NoKeyId_AreRefused()
    {
        var trust = Trust();
        var message = Dsse.Sign(Type, "{}"u8, s_key, withKeyId: true);

        Assert.False(trust.TryOpen(message, Type, KnownKeyUses.Promotion, out _, out _));
        Assert.False(trust.TryOpen(message, Type + "x", KnownKeyUses.Incident, out _, out _));
        Assert.False(trust.TryOpen(Dsse.Sign(Type, "{}"u8, s_other, withKeyId: true), Type, KnownKeyUses.Incident, out _, out _));
        Assert.False(trust.TryOpen(Dsse.Sign(Type, "{}"u8, s_key, withKeyId: false), Type, KnownKeyUses.Incident, out _, out _));
    }

    [Fact]
    public void TryOpen_KeyIdOfATrustedKeyOverAnothersSignature_IsRefused()
    {
        var json = Encoding.UTF8.GetString(Dsse.Sign(Type, "{}"u8, s_other, withKeyId: true)).Replace(s_other.KeyId, s_key.KeyId, StringComparison.Ordinal);

        Assert.False(Trust().TryOpen(Encoding.UTF8.GetBytes(json), Type, KnownKeyUses.Incident, out _, out _));
    }

    [Fact]
    public void TryOpen_AnyChangedByte_IsRefused()
    {
        var trust = Trust();
        var message = Dsse.Sign(Type, """{"a":"some payload"}"""u8, s_key, withKeyId: true);
        for (var i = 0; i < message.Length; i++)
        {
            var changed = (byte[])message.Clone();
            changed[i] ^= 1;
            Assert.False(trust.TryOpen(changed, Type, KnownKeyUses.Incident, out _, out _), $"byte {i}");
        }
    }

    [Fact]
    public void Trust_EntryWithAnothersId_IsRefused() => Assert.Throws<CryptographicException>(() => new TrustStore(new TrustDocument(
        TrustDocument.SchemaId, [new TrustedKey("x", s_other.KeyId, s_key.Public.ToPem(), [KnownKeyUses.Incident])])));

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----")]
    [InlineData("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==\n-----END PUBLIC KEY-----")]
    public void FromPem_NoKey_IsACryptographicException(string pem) => Assert.ThrowsAny<CryptographicException>(() => VerificationKey.FromPem(pem));

    [Fact]
    public void FromPem_OtherCurve_IsRefused()
    {
        using var p384 = ECDsa.Create(ECCurve.NamedCurves.nistP384);

        Assert.Throws<CryptographicException>(() => VerificationKey.FromPem(p384.ExportSubjectPublicKeyInfoPem()));
    }

    private static TrustStore Trust() => new(new TrustDocument(
        TrustDocument.SchemaId, [new TrustedKey("incident-service", s_key.KeyId, s_key.Public.ToPem(), [KnownKeyUses.Incident])]));
}
