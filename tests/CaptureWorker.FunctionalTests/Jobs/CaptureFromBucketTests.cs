using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Captures;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Jobs;

public sealed class CaptureFromBucketTests
{
    private const long Second = 1_000_000_000;

    private static readonly byte[] s_spans = OtlpBytes.Spans("checkout", (1, 1, 300, "a"), (1, 2, 100, "b"), (2, 3, 200, "c"));
    private static readonly byte[] s_logs = OtlpBytes.Logs("checkout", (100, "same line"), (100, "same line"), (50, "other line"));

    [Fact]
    public async Task Capture_ArchiveInABucketBehindFaults_GivesTheSameBundleAsFromAFolder()
    {
        await using var inFolder = await CaptureFixture.StartAsync();
        var expected = await CaptureAsync(inFolder);

        await using var server = await S3Server.StartNewAsync();
        await using var proxy = await FaultProxy.StartNewAsync(server.Url);
        await using var inBucket = await CaptureFixture.StartAsync(bucket: server);
        proxy.StrikeEachOnce(new S3Fault(S3FaultKind.CutAnswer, 20));
        var settings = server.Settings(proxy.Url).Select(s => (s.Key, s.Value)).Append((KnownEnvironment.ArchivePath, "")).Append((KnownEnvironment.ArchiveS3 + "FirstDelay", "00:00:00.010"));
        var actual = await CaptureAsync(inBucket, [.. settings]);

        Assert.Equal((CaptureState.Succeeded, CaptureState.Succeeded), (expected.State, actual.State));
        Assert.Empty(actual.Gaps);
        Assert.Equal(expected.Records, actual.Records);
        Assert.Equal(expected.ArchiveHash, actual.ArchiveHash);
        Assert.Contains(proxy.Struck, s => s.Request.Operation == "GetObject" && s.Request.Key.EndsWith(".otlp.zst", StringComparison.Ordinal));
        Assert.Contains(proxy.Struck, s => s.Request.Operation == "ListObjectsV2");
    }

    [Fact]
    public async Task Worker_SealedProfileThatDoesNotNameTheBucketsHost_DoesNotStart()
    {
        await using var server = await S3Server.StartNewAsync();
        await using var fixture = await CaptureFixture.StartAsync();
        var profile = fixture.PathOf("sealed.yaml");
        await File.WriteAllTextAsync(profile, """
            apiVersion: telemetry.stella-ops.org/v1
            kind: Profile
            metadata: { name: sealed }
            spec:
              environment: development
              redaction: none
              durability: fsync
              sampling: { decision_wait: 1s, policies: [{ name: all, type: always_sample }] }
              exporters: [{ name: archive, type: archive }]
              sealed: { enabled: true, allowlist: [elsewhere.internal] }
            """);
        var settings = server.Settings(new Uri("https://s3.internal:9000")).Append(KeyValuePair.Create(KnownEnvironment.ArchivePath, "")).Append(KeyValuePair.Create(KnownEnvironment.ProfilePath, profile));

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => fixture.StartWorkerAsync("sealed", [.. settings.Select(s => (s.Key, s.Value))]));

        Assert.Contains("s3.internal:9000", Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    private static async Task<CaptureResponse> CaptureAsync(CaptureFixture fixture, params (string Key, string Value)[] settings)
    {
        var gateway = await fixture.StartGatewayAsync("gw-1");
        gateway.Accept(CaptureFixture.Tenant, Signal.Traces, s_spans, 3, fixture.FromNano + Second);
        gateway.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 3, fixture.FromNano + (2 * Second));
        gateway.Answer();
        return await fixture.CaptureAsync(await fixture.StartWorkerAsync("worker", settings));
    }
}
