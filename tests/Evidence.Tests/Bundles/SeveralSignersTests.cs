using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Evidence.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Bundles;

public sealed class SeveralSignersTests : IDisposable
{
    private readonly SigningKey _service = SigningKey.Create();
    private readonly SigningKey _operator = SigningKey.Create();
    private readonly SigningKey _stranger = SigningKey.Create();
    private readonly TestTimestampAuthority _tsa = new();
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Verify_OneOfThoseThatWereNamed_IsEnough_UnlessMoreAreDemanded()
    {
        await WriteAsync();

        Assert.Equal(["b.sigstore.json"], Files(await GoodAsync(Demand(_service))));
        Assert.Equal([$"b.{_operator.KeyId}.sigstore.json"], Files(await GoodAsync(Demand(_operator))));
        Assert.Equal(2, Files(await GoodAsync(Demand(_service, _operator))).Count);
        await GoodAsync(Demand(_service, _operator) with { Signers = 2 });
        await GoodAsync(Demand(_service, _operator) with { Everyone = true });
        await GoodAsync(Demand(_service, _stranger));
        await BadAsync(["signers"], Demand(_service, _stranger) with { Signers = 2 });
        await BadAsync(["signers"], Demand(_service, _operator, _stranger) with { Everyone = true });
        await BadAsync(["attestation", "signers", "signature b.tar.zst.sig"], Demand(_stranger));
        await BadAsync(["time", "signers"], Demand(_service) with { Time = true });
        await GoodAsync(Demand(_operator) with { Time = true });
    }

    [Fact]
    public async Task Verify_WhoWasNotNamed_IsListed_AndCountsForNothing()
    {
        await WriteAsync();

        var result = await GoodAsync(Demand(_operator));

        Assert.Contains(result.Checks, c => c.Name == "attestation" && c.Ok && c.Detail.StartsWith("not judged", StringComparison.Ordinal));
        Assert.Contains(result.Checks, c => c.Name == "signature b.tar.zst.sig" && c.Detail.StartsWith("not judged", StringComparison.Ordinal));
        result = await GoodAsync(Demand(_service));
        Assert.Contains(result.Checks, c => c.Name.StartsWith("attestation b.", StringComparison.Ordinal) && c.Ok && c.Detail.StartsWith("not judged", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Verify_FurtherSignerWhoStatesAnother_IsFound_ThoughSigned()
    {
        var statement = await WriteAsync();
        using var predicate = JsonDocument.Parse("{}");
        await BundleSigner.AddSignerAsync(BundleFiles.Locate(_folder.At("b")), statement with { Predicate = predicate.RootElement.Clone() }, new SigstoreSigner(_operator), default);

        await BadAsync([$"statement b.{_operator.KeyId}.sigstore.json"], Demand(_service));
    }

    [Fact]
    public async Task Verify_StaleKey_IsItsOwnLine()
    {
        await WriteAsync();
        var now = TimeProvider.System.GetUtcNow();
        SignerTrust Trust(SigningKey key, int days) => new() { Keys = [new TrustedSigner(key.Public, "key", new ValidityPeriod(null, now.AddDays(days)))], TimestampAuthorities = [_tsa.Chain()] };
        VerificationDemand Later(SignerTrust trust) => new(trust) { Clock = new FakeTimeProvider(now.AddYears(1)) };

        // The service's bears no time, the operator's does.
        await BadAsync(["validity", "signers", "signature b.tar.zst.sig"], Later(Trust(_service, 1)));
        await GoodAsync(Later(Trust(_operator, 1)));
        await BadAsync([$"validity b.{_operator.KeyId}.sigstore.json", "signers"], Later(Trust(_operator, -1)), exceptFirst: true);
    }

    [Fact]
    public async Task Verify_ForeignScript_IsTold()
    {
        await WriteAsync();
        Assert.Equal("as this version has it", (await GoodAsync(Demand(_service))).Checks.Single(c => c.Name == "script verify.sh").Detail);
        await File.AppendAllTextAsync(_folder.At("verify.sh"), "rm -rf /\n");
        Assert.StartsWith("NOT as", (await GoodAsync(Demand(_service))).Checks.Single(c => c.Name == "script verify.sh").Detail, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _service.Dispose();
        _operator.Dispose();
        _stranger.Dispose();
        _tsa.Dispose();
        _folder.Dispose();
    }

    private static List<string> Files(BundleVerification result) => [.. result.Signatures.Select(s => s.File)];

    private VerificationDemand Demand(params SigningKey[] keys) => new(SignerTrust.Of(keys.Select(k => k.Public)) with { TimestampAuthorities = [_tsa.Chain()] });

    private async Task<BundleVerification> GoodAsync(VerificationDemand demand)
    {
        var result = await VerifyAsync(demand);
        Assert.True(result.Ok, string.Join("\n", result.Checks.Where(c => !c.Ok)));
        return result;
    }

    /// <param name="exceptFirst">Leaves out what is said of the first attestation, whose signer nobody named.</param>
    private async Task BadAsync(string[] checks, VerificationDemand demand, bool exceptFirst = false) => Assert.Equal(
        checks, (await VerifyAsync(demand)).Checks.Where(c => !c.Ok && !(exceptFirst && c.Name is "attestation" or "signature b.tar.zst.sig")).Select(c => c.Name));

    private Task<BundleVerification> VerifyAsync(VerificationDemand demand) => new BundleVerifier(new TestFrames()).VerifyAsync(_folder.At("b"), demand, default);

    private async Task<Statement> WriteAsync()
    {
        var bundle = await new BundleWriter(new TestFrames(), _folder.Path).WriteAsync(_folder.Path, "b", TestFrames.Of(TestFrames.Sample(3)), default);
        await BundleSigner.SignAsync(_folder.Path, bundle, Encoding.UTF8.GetBytes("{}"), _service, default);
        Assert.True(SigstoreBundle.TryParse(await File.ReadAllBytesAsync(_folder.At("b.sigstore.json")), out var first, out _));
        Assert.True(Statement.TryParse(first.Envelope!.Payload.Span, out var statement));
        await BundleSigner.AddSignerAsync(BundleFiles.Locate(_folder.At("b")), statement, new SigstoreSigner(_operator, null, _tsa.Stamper), default);
        return statement;
    }
}
