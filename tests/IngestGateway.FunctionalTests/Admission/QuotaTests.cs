using System.Net;
using Grpc.Core;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Admission;

public sealed class QuotaTests
{
    private static readonly string s_profile = TestProfiles.Small.Replace(
        "ingest: { limits:", "ingest: { quotas: { tenants: { acme: { records_per_second: 10, burst: 1s } } }, limits:", StringComparison.Ordinal);

    [Fact]
    public async Task Send_TenantAboveItsQuota_IsToldTheRealWaitAndOthersAreNot()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile);
        using var violations = new MeasuredCount(gateway, "telemetry.ingest.violations", "reason", "quota_exceeded");
        using var acme = gateway.Grpc(gateway.Writer("acme"));
        using var overHttp = new TlsSender(null, gateway.Writer("acme"));
        using var globex = gateway.Grpc(gateway.Writer("globex"));

        await acme.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, records: 400));
        var refused = await acme.RefusedAsync(Signal.Logs, OtlpBytes.Request(Signal.Logs));
        var status = await overHttp.PostAsync(gateway.HttpUrl, OtlpBytes.Request(Signal.Traces));
        for (var i = 0; i < 5; i++)
        {
            await globex.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, records: 400));
        }

        // 400 records at 10 a second, less a burst of 10: 39 s, and some that went by.
        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.InRange(RetryInfo.SecondsOf(refused), 25, 39.2);
        Assert.Equal(HttpStatusCode.TooManyRequests, status);
        Assert.InRange(overHttp.RetryAfter!.Value.TotalSeconds, 25, 40);
        Assert.Equal(2, violations.Count);
        Assert.Equal(6, gateway.Log.Batches.Count);
    }

    [Fact]
    public async Task Send_ByteQuota_CountsWhatWasDecompressed()
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync(profile: s_profile.Replace("records_per_second: 10", "bytes_per_second: 1KiB", StringComparison.Ordinal));
        using var acme = gateway.Grpc(gateway.Writer("acme"));
        var request = OtlpBytes.Request(Signal.Traces, records: 100, padding: 2000);

        await acme.ExportAsync(Signal.Traces, request, "gzip");
        var refused = await acme.RefusedAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.InRange(RetryInfo.SecondsOf(refused), (request.Length / 1024.0) - 15, request.Length / 1024.0);
    }
}
