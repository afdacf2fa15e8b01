using Grpc.Core;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Listeners;

public sealed class GrpcListenerTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private readonly GatewayUnderTest _gateway = fixture.Gateway;

    [Theory]
    [InlineData(Signal.Traces, null)]
    [InlineData(Signal.Metrics, null)]
    [InlineData(Signal.Logs, null)]
    [InlineData(Signal.Traces, "gzip")]
    [InlineData(Signal.Logs, "zstd")]
    public async Task Export_GoodRequest_IsLoggedByteForByteUnderTheSendersTenant(Signal signal, string? compression)
    {
        var tenant = await TenantAsync();
        var request = OtlpBytes.Request(signal, records: 3);
        using var sender = _gateway.Grpc(_gateway.Writer(tenant));

        var answer = await sender.ExportAsync(signal, request, compression);

        Assert.Empty(answer);
        var batch = Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant);
        Assert.Equal(signal, batch.Signal);
        Assert.Equal(request, batch.Payload);
        Assert.Equal(3, batch.Records);
        Assert.Null(batch.ReplayMark);
    }

    [Fact]
    public async Task Export_EmptyRequest_SucceedsWithoutALogEntry()
    {
        var tenant = await TenantAsync();
        using var sender = _gateway.Grpc(_gateway.Writer(tenant));

        await sender.ExportAsync(Signal.Traces, []);
        await sender.ExportAsync(Signal.Traces, OtlpBytes.Field(1, []));

        Assert.DoesNotContain(_gateway.Log.Batches, b => b.Tenant == tenant);
    }

    [Fact]
    public async Task Export_LargeRequest_ArrivesWhole()
    {
        var tenant = await TenantAsync();
        var request = OtlpBytes.Request(Signal.Traces, records: 60, padding: 1000);
        using var sender = _gateway.Grpc(_gateway.Writer(tenant));

        await sender.ExportAsync(Signal.Traces, request);

        Assert.Equal(request, Assert.Single(_gateway.Log.Batches, b => b.Tenant == tenant).Payload);
    }

    [Fact]
    public async Task Export_UnknownMethodOrService_IsUnimplemented()
    {
        using var sender = _gateway.Grpc(_gateway.Writer("acme"));

        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => sender.CallAsync("opentelemetry.proto.collector.trace.v1.TraceService", "Import", []))).StatusCode);
        Assert.Equal(StatusCode.Unimplemented, (await Assert.ThrowsAsync<RpcException>(() => sender.CallAsync("nobody.knows", "Export", []))).StatusCode);
    }

    [Theory]
    [InlineData(AppendOutcome.TenantShareExceeded, StatusCode.ResourceExhausted)]
    [InlineData(AppendOutcome.LogFull, StatusCode.Unavailable)]
    [InlineData(AppendOutcome.DiskFailed, StatusCode.Unavailable)]
    [InlineData(AppendOutcome.Stopping, StatusCode.Unavailable)]
    internal async Task Export_LogRefuses_IsRetryableWithRetryInfo(AppendOutcome outcome, StatusCode expected)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        gateway.Log.Outcome = outcome;
        using var sender = gateway.Grpc(gateway.Writer("acme"));

        var refused = await sender.RefusedAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces));

        Assert.Equal(expected, refused.StatusCode);
        Assert.True(RetryInfo.SecondsOf(refused) > 0);
    }

    private async Task<string> TenantAsync()
    {
        var tenant = "t-" + Guid.NewGuid().ToString("n")[..8];
        await _gateway.KnowTenantAsync(tenant);
        return tenant;
    }
}
