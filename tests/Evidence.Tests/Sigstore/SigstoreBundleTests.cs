using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Tests.Sigstore;

public sealed class SigstoreBundleTests
{
    private static readonly SigningKey s_key = SigningKey.Create();

    [Fact]
    public void SignMessage_HasTheFormOfTheSpecification()
    {
        var json = JsonNode.Parse(SigstoreBundle.SignMessage(SHA256.HashData("x"u8), s_key))!;
        var signature = json["messageSignature"]!["signature"]!.DeepClone();

        var expected = new JsonObject
        {
            ["mediaType"] = "application/vnd.dev.sigstore.bundle.v0.3+json",
            ["verificationMaterial"] = new JsonObject { ["publicKey"] = new JsonObject { ["hint"] = Convert.ToBase64String(SHA256.HashData(s_key.Public.SubjectPublicKeyInfo.Span)) } },
            ["messageSignature"] = new JsonObject
            {
                ["messageDigest"] = new JsonObject { ["algorithm"] = "SHA2_256", ["digest"] = Convert.ToBase64String(SHA256.HashData("x"u8)) },
                ["signature"] = signature,
            },
        };
        Assert.True(JsonNode.DeepEquals(expected, json), json.ToJsonString());
    }

    [Theory]
    [InlineData("""{"mediaType":"application/vnd.dev.sigstore.bundle.v0.2+json"}""")]
    [InlineData("""{"base64Signature":"AA==","cert":"own","rekorBundle":{}}""")]
    [InlineData("[]")]
    [InlineData("")]
    public void TryParse_AnotherForm_IsRefused(string json) => Assert.False(SigstoreBundle.TryParse(Encoding.UTF8.GetBytes(json), out _, out _));

    [Theory]
    [InlineData("unknown field")]
    [InlineData("unknown field in material")]
    [InlineData("own certificate")]
    [InlineData("own raw key")]
    [InlineData("unknown field in envelope")]
    [InlineData("no signature")]
    [InlineData("two signatures")]
    [InlineData("both contents")]
    [InlineData("no content")]
    [InlineData("hint is a number")]
    public void TryParse_FieldsThatDoNotBelong_AreRefused(string what)
    {
        var json = JsonNode.Parse(SignedStatement())!;
        var material = json["verificationMaterial"]!;
        var envelope = json["dsseEnvelope"]!;
        var signatures = envelope["signatures"]!.AsArray();
        switch (what)
        {
            case "unknown field": json["x"] = 1; break;
            case "unknown field in material": material["x"] = 1; break;
            case "own certificate": material["certificate"] = new JsonObject { ["rawBytes"] = "AA==" }; break;
            case "own raw key": material["publicKey"]!["rawBytes"] = "AA=="; break;
            case "unknown field in envelope": envelope["x"] = 1; break;
            case "no signature": signatures.Clear(); break;
            case "two signatures": signatures.Add(signatures[0]!.DeepClone()); break;
            case "both contents": json["messageSignature"] = new JsonObject(); break;
            case "no content": json.AsObject().Remove("dsseEnvelope"); break;
            default: material["publicKey"]!["hint"] = 1; break;
        }

        Assert.False(SigstoreBundle.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()), out _, out var error));
        Assert.NotEmpty(error);
    }

    [Fact]
    public void TryParse_DuplicateField_ByteOrderMark_TrailingBytes_AreRefused()
    {
        var json = SignedStatement();
        Assert.True(SigstoreBundle.TryParse(json, out _, out _));

        Assert.False(SigstoreBundle.TryParse((byte[])[0xef, 0xbb, 0xbf, .. json], out _, out _));
        Assert.False(SigstoreBundle.TryParse((byte[])[.. json, (byte)'x'], out _, out _));
        Assert.False(SigstoreBundle.TryParse((byte[])[.. json[..^1], .. ",\"mediaType\":\"x\"}"u8], out _, out _));
    }

    [Fact]
    public void IsStatementSignedBy_HintOfAnotherKey_IsNot()
    {
        using var other = SigningKey.Create();
        var json = JsonNode.Parse(SignedStatement())!;
        json["verificationMaterial"]!["publicKey"]!["hint"] = Convert.ToBase64String(SHA256.HashData(other.Public.SubjectPublicKeyInfo.Span));

        Assert.True(SigstoreBundle.TryParse(Encoding.UTF8.GetBytes(json.ToJsonString()), out var bundle, out _));
        Assert.False(bundle.IsStatementSignedBy(s_key.Public));
        Assert.False(bundle.IsStatementSignedBy(other.Public));
    }

    [Theory]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v0.1","predicate":{},"predicateType":"p","subject":[{"digest":{"sha256":"0000000000000000000000000000000000000000000000000000000000000000"},"name":"f"}]}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"p","subject":[]}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"p","subject":[{"digest":{"sha256":"00"},"name":"f"}]}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"p","subject":[{"digest":{"sha512":"00"},"name":"f"}]}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","predicate":{},"predicateType":"p","x":1,"subject":[{"digest":{"sha256":"0000000000000000000000000000000000000000000000000000000000000000"},"name":"f"}]}""")]
    [InlineData("""{"_type":"https://in-toto.io/Statement/v1","subject":null}""")]
    [InlineData("null")]
    [InlineData("""{"_type":"\ud800"}""")]
    [InlineData("""{"\udc00":1}""")]
    public void Statement_AnotherForm_IsRefused(string json) => Assert.False(Statement.TryParse(Encoding.UTF8.GetBytes(json), out _));

    private static byte[] SignedStatement()
    {
        using var predicate = System.Text.Json.JsonDocument.Parse("{}");
        return SigstoreBundle.SignStatement(
            new Statement(Statement.StatementType, [new StatementSubject("f", new StatementDigest(new string('0', 64)))], "https://example.org/p/v1", predicate.RootElement.Clone()), s_key);
    }
}
