using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

/// <summary>A key's life by the command line: made, rotated, refused; and further signers beside the first.</summary>
public sealed class KeyRotationTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-keys-");
    private readonly FakeTimeProvider _clock = new(TimeProvider.System.GetUtcNow());

    [Fact]
    public async Task Rotate_NewKeyCountsFromNow_OldOneUntilTheOverlapIsOver()
    {
        await SucceedsAsync("keys", "new", "evidence", "--use", "bundle", "--trust", "trust.json");
        var old = Trust.Keys[0];
        using var oldKey = CosignKey.Load(At("evidence.key"), At("evidence.password"));
        _clock.Advance(TimeSpan.FromDays(100));

        await SucceedsAsync("keys", "rotate", "evidence", "--trust", "trust.json", "--overlap", "2h");

        using var newKey = CosignKey.Load(At("evidence.key"), At("evidence.password"));
        var (next, ended) = (Trust.Keys[0], Trust.Keys[1]);
        Assert.Equal(("evidence", newKey.KeyId, (DateTimeOffset?)null), (next.Name, next.KeyId, next.ValidUntil));
        Assert.Equal((old.KeyId, next.ValidFrom + TimeSpan.FromHours(2)), (ended.KeyId, ended.ValidUntil));
        Assert.Equal(old.Uses, next.Uses);
        Assert.NotEqual(old.KeyId, next.KeyId);
        using var kept = CosignKey.Load(At(ended.Name + ".key"), At(ended.Name + ".password"));
        Assert.Equal(oldKey.KeyId, kept.KeyId);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(At("evidence.key")));
        Assert.Equal(["valid", "valid"], await StatesAsync());
        _clock.Advance(TimeSpan.FromHours(3));
        Assert.Equal(["valid", "ended"], await StatesAsync());
        var store = new TrustStore(Trust, _clock);
        Assert.Equal([next.KeyId], store.KeysFor(KnownKeyUses.Bundle).Select(k => k.Key.KeyId));
        Assert.Equal(2, store.SignersFor(KnownKeyUses.Bundle).Keys.Count);
    }

    [Fact]
    public async Task Rotate_KeyInTheClear_StaysInTheClear_AndUnknownOrForeignKeysAreLeftAlone()
    {
        using var key = SigningKey.Create();
        key.Save(At("service.key"));
        Write(new TrustDocument(TrustDocument.SchemaId, [new TrustedKey("service", key.KeyId, key.Public.ToPem(), [KnownKeyUses.Incident])]));
        await SucceedsAsync("keys", "rotate", "service", "--trust", "trust.json", "--overlap", "0");
        using var next = SigningKey.Load(At("service.key"));
        Assert.Equal(next.KeyId, Trust.Keys[0].KeyId);

        await FailsAsync(1, "trusts no key 'nobody'", "keys", "rotate", "nobody", "--trust", "trust.json");
        await FailsAsync(2, "there is no trust file", "keys", "rotate", "service", "--trust", "none.json");
        File.Delete(At("service.key"));
        key.Save(At("service.key"));
        await FailsAsync(1, "is the key", "keys", "rotate", "service", "--trust", "trust.json");
    }

    [Fact]
    public async Task Verify_StaleKey_IsRefused_UnlessATimeSaysOtherwise()
    {
        using var bundle = await TestBundle.CreateAsync();
        var key = VerificationKey.FromPem(await File.ReadAllTextAsync(bundle.KeyFile));
        Write(new TrustDocument(TrustDocument.SchemaId, [new TrustedKey("evidence", key.KeyId, key.ToPem(), [KnownKeyUses.Bundle], ValidUntil: _clock.GetUtcNow().AddDays(1))]));
        await SucceedsAsync("verify", bundle.Archive, "--trust", "trust.json");

        _clock.Advance(TimeSpan.FromDays(2));

        var cli = Run();
        Assert.Equal(3, await cli.RunAsync("telemetry", "verify", bundle.Archive, "--trust", At("trust.json"), "--output", "json"));
        Assert.Contains("without a trusted time it is judged by now", cli.Out, StringComparison.Ordinal);
        await SucceedsAsync("verify", bundle.Archive, "--key", bundle.KeyFile);
        await FailsAsync(3, "checks failed", "verify", bundle.Archive, "--key", bundle.KeyFile, "--require-time");
    }

    [Fact]
    public async Task Sign_AddsASecondSigner_WithATime_AndVerifyDemandsWhatIsAsked()
    {
        using var bundle = await TestBundle.CreateAsync();
        using var tsa = new TestTimestampAuthority();
        await using var server = await TimestampServer.StartAsync(tsa);
        await File.WriteAllTextAsync(At("tsa.pem"), tsa.Pem);
        await SucceedsAsync("keys", "new", "operator");
        await FailsAsync(2, "2: 1 may have signed", "verify", bundle.Archive, "--key", bundle.KeyFile, "--require-signers", "2");
        await FailsAsync(3, "checks failed", "verify", bundle.Archive, "--key", bundle.KeyFile, "--key", "operator.pub", "--require-all");

        var cli = Run();
        var code = await cli.RunAsync("telemetry", "sign", bundle.Archive, "--key", "operator.key", "--signed-by", bundle.KeyFile, "--tsa", server.Url.ToString(), "--tsa-certificate", "tsa.pem", "--output", "json");

        Assert.True(code == 0, cli.Error);
        using var signed = JsonDocument.Parse(cli.Out);
        Assert.True(signed.RootElement.TryGetProperty("time", out _), cli.Out);
        Assert.True(File.Exists(Path.Combine(bundle.Folder, signed.RootElement.GetProperty("file").GetString()!)));
        await SucceedsAsync("verify", bundle.Archive, "--key", bundle.KeyFile);
        await SucceedsAsync("verify", bundle.Archive, "--key", "operator.pub", "--tsa-certificate", "tsa.pem", "--require-time");
        await SucceedsAsync("verify", bundle.Archive, "--key", bundle.KeyFile, "--key", "operator.pub", "--require-signers", "2");
        await SucceedsAsync("verify", bundle.Archive, "--key", bundle.KeyFile, "--key", "operator.pub", "--require-all", "--tsa-certificate", "tsa.pem");
    }

    [Fact]
    public async Task Sign_WhatDoesNotVerify_SignsNothing()
    {
        using var bundle = await TestBundle.CreateAsync();
        await SucceedsAsync("keys", "new", "operator");
        await File.AppendAllTextAsync(Path.Combine(bundle.Folder, "acme.provenance.json"), " ");

        await FailsAsync(3, "nothing was signed", "sign", bundle.Archive, "--key", "operator.key", "--signed-by", bundle.KeyFile);

        Assert.Single(Directory.EnumerateFiles(bundle.Folder, "*.sigstore.json"));
        using var sound = await TestBundle.CreateAsync();
        await FailsAsync(2, "no timestamp authority is believed", "sign", sound.Archive, "--key", "operator.key", "--signed-by", sound.KeyFile, "--tsa", "http://127.0.0.1:9");
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private TrustDocument Trust => JsonSerializer.Deserialize(File.ReadAllBytes(At("trust.json")), ContractsJson.Default.TrustDocument)!;

    private void Write(TrustDocument trust) => File.WriteAllBytes(At("trust.json"), JsonSerializer.SerializeToUtf8Bytes(trust, ContractsJson.Default.TrustDocument));

    private async Task<List<string>> StatesAsync()
    {
        var cli = Run();
        Assert.Equal(0, await cli.RunAsync("telemetry", "keys", "show", "evidence", "--trust", "trust.json", "--output", "json"));
        using var keys = JsonDocument.Parse(cli.Out);
        return [.. keys.RootElement.EnumerateArray().Select(k => k.GetProperty("state").GetString()!)];
    }

    private CliRun Run() => new() { WorkingDirectory = _folder.FullName, Time = _clock };

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private async Task SucceedsAsync(params string[] args)
    {
        var cli = Run();
        Assert.True(await cli.RunAsync(["telemetry", .. args]) == 0, cli.Error + cli.Out);
    }

    private async Task FailsAsync(int exitCode, string error, params string[] args)
    {
        var cli = Run();
        var code = await cli.RunAsync(["telemetry", .. args]);
        Assert.True(exitCode == code, $"{code}: {cli.Error}{cli.Out}");
        Assert.Contains(error, cli.Error, StringComparison.Ordinal);
    }
}
