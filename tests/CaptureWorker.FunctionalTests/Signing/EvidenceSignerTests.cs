using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.CaptureWorker.Signing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Identity;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Signing;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Signing;

public sealed class EvidenceSignerTests : IAsyncDisposable
{
    private const string Person = "https://example.org/services/capture-worker";
    private const string Issuer = "https://login.example.org";

    private readonly TestTimestampAuthority _tsa = new();
    private readonly Queue<int> _refusals = new();
    private RunningService? _server;

    [Fact]
    public async Task Capture_WithAnAuthority_BearsItsTime_AndWithoutOne_TheGapIsNamed()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await StartAsync();
        await File.WriteAllTextAsync(fixture.PathOf("tsa.pem"), _tsa.Pem);
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, OtlpBytes.Logs("checkout", (100, "a line")), 1, fixture.FromNano + 1_000_000_000);
        gateway.Answer();
        (string, string)[] settings = [(KnownEnvironment.SigningTsaUrl, _server!.Url.ToString()), (KnownEnvironment.SigningTsaCertificateFile, fixture.PathOf("tsa.pem")), ("Stella__Signing__Tsa__Attempts", "2")];
        var worker = await fixture.StartWorkerAsync("worker", settings);

        // One refusal is asked again.
        _refusals.Enqueue(503);
        var timed = await fixture.CaptureAsync(worker);
        Assert.Equal((CaptureState.Succeeded, 0), (timed.State, timed.Gaps.Count));
        var demand = Demand(fixture) with { Time = true };
        var verified = await VerifyAsync(fixture, timed, demand);
        Assert.True(verified.Ok, string.Join("\n", verified.Checks));
        Assert.NotNull(verified.Signatures[0].Time);

        _refusals.Enqueue(503);
        _refusals.Enqueue(503);
        var untimed = await fixture.CaptureAsync(worker);
        Assert.Equal(CaptureState.Succeeded, untimed.State);
        Assert.Contains("no trusted time", Assert.Single(untimed.Gaps), StringComparison.Ordinal);
        Assert.True((await VerifyAsync(fixture, untimed, demand with { Time = false })).Ok);
        Assert.False((await VerifyAsync(fixture, untimed, demand)).Ok);
        Assert.Equal(timed.ArchiveHash, untimed.ArchiveHash);
    }

    [Fact]
    public async Task Capture_WhereTimeIsDemanded_FailsWithoutIt()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await StartAsync();
        using var stranger = new TestTimestampAuthority();
        await File.WriteAllTextAsync(fixture.PathOf("tsa.pem"), stranger.Pem);
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, OtlpBytes.Logs("checkout", (100, "a line")), 1, fixture.FromNano + 1_000_000_000);
        gateway.Answer();
        var worker = await fixture.StartWorkerAsync(
            "worker",
            (KnownEnvironment.SigningTsaUrl, _server!.Url.ToString()),
            (KnownEnvironment.SigningTsaCertificateFile, fixture.PathOf("tsa.pem")),
            ("Stella__Signing__Tsa__WhenDown", "Fail"),
            ("Stella__Capture__MaxAttempts", "1"));

        var job = await fixture.CaptureAsync(worker);

        Assert.Equal(CaptureState.Failed, job.State);
        Assert.Contains("cannot be trusted", job.Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Capture_WithACertificate_IsSignedAsWhomItNames()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        await StartAsync();
        using var ca = new TestAuthority("ca", TestAuthority.CodeSigning);
        using var certificate = ca.Issue(fixture.EvidenceKey, Person, Issuer);
        await File.WriteAllTextAsync(fixture.PathOf("tsa.pem"), _tsa.Pem);
        await File.WriteAllTextAsync(fixture.PathOf("evidence.pem"), certificate.ExportCertificatePem());
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, OtlpBytes.Logs("checkout", (100, "a line")), 1, fixture.FromNano + 1_000_000_000);
        gateway.Answer();
        var worker = await fixture.StartWorkerAsync(
            "worker",
            (KnownEnvironment.SigningTsaUrl, _server!.Url.ToString()),
            (KnownEnvironment.SigningTsaCertificateFile, fixture.PathOf("tsa.pem")),
            ("Stella__Signing__Tsa__WhenDown", "Fail"),
            ("Stella__Signing__CertificateFile", fixture.PathOf("evidence.pem")));

        var job = await fixture.CaptureAsync(worker);

        Assert.Equal(CaptureState.Succeeded, job.State);
        var trust = new SignerTrust { Identities = [new CertificateIdentity(Person, Issuer)], CertificateAuthorities = [ca.Chain()], TimestampAuthorities = [_tsa.Chain()] };
        var verified = await VerifyAsync(fixture, job, new VerificationDemand(trust) { Time = true });
        Assert.True(verified.Ok, string.Join("\n", verified.Checks));
        Assert.Contains(Person, verified.Signatures[0].Signer, StringComparison.Ordinal);
    }

    [Fact]
    public void Options_WrongValues_AreAllNamed()
    {
        var tsa = new TsaOptions { Url = new Uri("ftp://tsa"), CertificateFile = "/none", Attempts = 0, Timeout = TimeSpan.Zero };
        var options = new CaptureFilesOptions { Signing = new CaptureFilesOptions.SigningOptions { Tsa = tsa, CertificateFile = "/none" } };

        var result = new CaptureFilesOptions.Validator().Validate(null, options);

        foreach (var key in new[] { "Tsa__Url", "Tsa__CertificateFile", "Tsa__Attempts", "Tsa__Timeout", "Signing__CertificateFile is '/none'", "Tsa__WhenDown 'Fail'" })
        {
            Assert.Contains(result.Failures!, f => f.Contains(key, StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }

        _tsa.Dispose();
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/{**path}", AnswerAsync);
        _server = await RunningService.StartAsync(app);

        async Task<IResult> AnswerAsync(HttpRequest request)
        {
            if (_refusals.TryDequeue(out var status))
            {
                return TypedResults.StatusCode(status);
            }

            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            return TypedResults.Bytes(_tsa.Answer(body.ToArray()), "application/timestamp-reply");
        }
    }

    private VerificationDemand Demand(CaptureFixture fixture) => new(SignerTrust.Of([fixture.EvidenceKey.Public]) with { TimestampAuthorities = [_tsa.Chain()] });

    private static Task<BundleVerification> VerifyAsync(CaptureFixture fixture, CaptureResponse job, VerificationDemand demand) =>
        new BundleVerifier(new OtlpFrameInspector()).VerifyAsync(Path.Combine(fixture.BundlePath, job.Id, job.BundleName!), demand, CancellationToken.None);
}
