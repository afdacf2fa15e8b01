using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared;

namespace StellaOps.Telemetry.Evidence.Tests.Signing;

public sealed class CosignKeyTests : IDisposable
{
    private const string Password = "correct horse – battery";

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public void Write_ThenRead_GivesTheKeyBack()
    {
        using var key = SigningKey.Create();

        var pem = CosignKey.Write(key, Password);
        using var read = CosignKey.Read(pem, Password);

        Assert.Equal(key.KeyId, read.KeyId);
        Assert.True(key.Public.Verify("x"u8, read.Sign("x"u8)));
        Assert.NotEqual(pem, CosignKey.Write(key, Password));
        Assert.Throws<CryptographicException>(() => CosignKey.Read(pem, Password + " "));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    [InlineData("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n")]
    public void Read_NoCosignKey_IsRefused(string pem) => Assert.Throws<CryptographicException>(() => CosignKey.Read(pem, Password));

    [Theory]
    [InlineData("\"N\":65536", "\"N\":1073741824")]
    [InlineData("\"N\":65536", "\"N\":65537")]
    [InlineData("\"r\":8", "\"r\":800000")]
    [InlineData("\"p\":1", "\"p\":100")]
    [InlineData("nacl/secretbox", "aes")]
    [InlineData("scrypt", "none")]
    public void Read_ParametersThatAskForMuch_AreRefusedAtOnce(string what, string instead)
    {
        using var key = SigningKey.Create();
        var pem = CosignKey.Write(key, Password);
        var fields = PemEncoding.Find(pem);
        var json = Encoding.UTF8.GetString(Convert.FromBase64String(pem[fields.Base64Data]));
        Assert.Contains(what, json, StringComparison.Ordinal);

        var changed = PemEncoding.WriteString(pem[fields.Label], Encoding.UTF8.GetBytes(json.Replace(what, instead, StringComparison.Ordinal)));

        Assert.Throws<CryptographicException>(() => CosignKey.Read(changed, Password));
    }

    [Fact]
    public void Read_ChangedCiphertext_IsRefused()
    {
        using var key = SigningKey.Create();
        var pem = CosignKey.Write(key, Password);
        var fields = PemEncoding.Find(pem);
        var json = Convert.FromBase64String(pem[fields.Base64Data]);
        json[^10] = json[^10] == (byte)'A' ? (byte)'B' : (byte)'A';

        Assert.Throws<CryptographicException>(() => CosignKey.Read(PemEncoding.WriteString(pem[fields.Label], json), Password));
    }

    [Theory]
    [InlineData("cosign2")]
    [InlineData("cosign3")]
    public async Task Cosign_MakesAKey_WeSignWithIt_AndItVerifies(string tool)
    {
        var cosign = ExternalTool.Require(tool);
        Succeeds(await RunAsync(cosign, "generate-key-pair"));
        await File.WriteAllTextAsync(_folder.At("password"), Password + "\n");
        using var key = CosignKey.Load(_folder.At("cosign.key"), _folder.At("password"));
        Assert.Equal((await File.ReadAllTextAsync(_folder.At("cosign.pub"))).Trim(), key.Public.ToPem().Trim());
        await File.WriteAllTextAsync(_folder.At("file"), "what is signed");
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes("what is signed"));
        await File.WriteAllBytesAsync(_folder.At("file.sig"), PlainSignature.Sign(digest, key));
        await File.WriteAllBytesAsync(_folder.At("file.sigstore.json"), SigstoreBundle.SignMessage(digest, key));
        await File.WriteAllTextAsync(_folder.At("root.json"), """{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}""");
        string[] plain = ["verify-blob", "--key", "cosign.pub", "--signature", "file.sig", "--insecure-ignore-tlog", "file"];
        string[] bundle = ["verify-blob", "--key", "cosign.pub", "--bundle", "file.sigstore.json", "--new-bundle-format", "--trusted-root", "root.json", "--insecure-ignore-tlog", "file"];

        Succeeds(await RunAsync(cosign, plain));
        Succeeds(await RunAsync(cosign, bundle));

        await File.WriteAllTextAsync(_folder.At("file"), "what is signeD");
        Assert.NotEqual(0, (await RunAsync(cosign, plain)).ExitCode);
        Assert.NotEqual(0, (await RunAsync(cosign, bundle)).ExitCode);
    }

    [Theory]
    [InlineData("cosign2", "--tlog-upload=false")]
    [InlineData("cosign3", "--signing-config=config.json")]
    public async Task Cosign_SignsWithOurKey_AndWeVerify(string tool, string offline)
    {
        var cosign = ExternalTool.Require(tool);
        using var key = SigningKey.Create();
        await File.WriteAllTextAsync(_folder.At("our.key"), CosignKey.Write(key, Password));
        await File.WriteAllTextAsync(_folder.At("file"), "what is signed");
        await File.WriteAllTextAsync(_folder.At("config.json"), """{"mediaType":"application/vnd.dev.sigstore.signingconfig.v0.2+json"}""");

        Succeeds(await RunAsync(cosign, "sign-blob", "--yes", "--key", "our.key", offline, "--new-bundle-format", "--bundle", "file.sigstore.json", "file"));

        Assert.True(SigstoreBundle.TryParse(await File.ReadAllBytesAsync(_folder.At("file.sigstore.json")), out var bundle, out var error), error);
        using var other = SigningKey.Create();
        Assert.True(bundle.IsMessageSignedBy(SHA256.HashData("what is signed"u8), key.Public));
        Assert.False(bundle.IsMessageSignedBy(SHA256.HashData("what is signeD"u8), key.Public));
        Assert.False(bundle.IsMessageSignedBy(SHA256.HashData("what is signed"u8), other.Public));
    }

    public void Dispose() => _folder.Dispose();

    private static void Succeeds(ToolResult result) => Assert.True(result.ExitCode == 0, result.ToString());

    private Task<ToolResult> RunAsync(string cosign, params string[] arguments) =>
        ExternalTool.RunAsync(cosign, arguments, _folder.Path, new Dictionary<string, string> { ["COSIGN_PASSWORD"] = Password, ["HOME"] = _folder.Path });
}
