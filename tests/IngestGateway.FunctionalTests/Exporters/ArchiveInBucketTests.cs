using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.S3;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Exporters;

public sealed class ArchiveInBucketTests
{
    private const string Profile = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: bucket }
        spec:
          environment: development
          redaction: baseline
          durability: fsync
          recorder: { max_bytes: 16MiB, file_bytes: 4MiB }
          sampling: { decision_wait: 1s, policies: [{ name: all, type: always_sample }] }
          exporters: [{ name: archive, type: archive, max_segment_age: 1s }]
        """;

    [Fact]
    public async Task Gateway_BucketBehindFaults_HasWhatWasAccepted()
    {
        await using var server = await S3Server.StartNewAsync();
        await using var proxy = await FaultProxy.StartNewAsync(server.Url);
        proxy.StrikeEachOnce(new S3Fault(S3FaultKind.SlowDown));

        await using var gateway = new GatewayUnderTest { IsWhole = true, Bucket = server.Settings(proxy.Url) };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: Profile);
        await gateway.ReadyAsync();
        using (var sender = gateway.Grpc(gateway.Writer("acme")))
        {
            await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, 2));
        }

        await Eventually.HoldsAsync(
            async () => (await server.KeysAsync()).Any(k => k.EndsWith(".manifest.json", StringComparison.Ordinal)), TimeSpan.FromSeconds(20), "a manifest is in the bucket");
        Assert.Single(await server.KeysAsync(), k => k.EndsWith(".otlp.zst", StringComparison.Ordinal));
        Assert.Contains(proxy.Struck, s => s.Request.Operation == "PutObject");
        Assert.False(Directory.Exists(gateway.ArchivePath));
    }

    [Theory]
    [InlineData("[elsewhere.internal]", "s3.internal:9000")]
    [InlineData("['s3.internal:443']", "s3.internal:9000")]
    public async Task Gateway_ProfileSealsItOffFromItsArchive_DoesNotStart(string allowlist, string named)
    {
        await using var server = await S3Server.StartNewAsync();
        await using var gateway = new GatewayUnderTest { IsWhole = true, Bucket = server.Settings(new Uri("https://s3.internal:9000")) };
        await gateway.Profiles.StartAsync();

        var e = await Assert.ThrowsAsync<OptionsValidationException>(() => gateway.StartAsync(profile: Profile + "\n  sealed: { enabled: true, allowlist: " + allowlist + " }\n"));

        Assert.Contains($"sealed.allowlist does not name {named}", Assert.Single(e.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_NewProfileSealsItOffFromItsArchive_KeepsTheOldOne()
    {
        await using var server = await S3Server.StartNewAsync();
        await using var gateway = new GatewayUnderTest { IsWhole = true, Bucket = server.Settings(new Uri("https://s3.internal:9000")) };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: Profile + "\n  sealed: { enabled: true, allowlist: [s3.internal] }\n");
        await gateway.ReadyAsync();

        await File.WriteAllTextAsync(gateway.ProfilePath, Profile + "\n  sealed: { enabled: true, allowlist: [tempo.internal] }\n");

        await Eventually.HoldsAsync(() => gateway.Logs.Of(EventIds.ProfileRefused).Count > 0, TimeSpan.FromSeconds(10), "the profile is refused");
        Assert.Contains("s3.internal:9000", gateway.Logs.Of(EventIds.ProfileRefused)[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Gateway_FolderAndBucketOrAValueThatIsNone_DoesNotStart()
    {
        await using var server = await S3Server.StartNewAsync();
        var both = new Dictionary<string, string>(server.Settings(server.Url)) { [KnownEnvironment.ArchivePath] = "/archive" };
        var unreadable = new Dictionary<string, string>(server.Settings(server.Url)) { [KnownEnvironment.ArchiveS3 + "PartBytes"] = "many" };

        Assert.Contains("an archive lives in one place", await FaultAsync(both), StringComparison.Ordinal);
        Assert.Contains("PartBytes", await FaultAsync(unreadable), StringComparison.Ordinal);

        static async Task<string> FaultAsync(IReadOnlyDictionary<string, string> settings)
        {
            await using var gateway = new GatewayUnderTest { IsWhole = true, Bucket = settings };
            await gateway.Profiles.StartAsync();
            return Assert.Single((await Assert.ThrowsAsync<OptionsValidationException>(() => gateway.StartAsync(profile: Profile))).Failures);
        }
    }
}
