using System.Net;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Admin;

public sealed class GatewayApiTests(GatewayFixture fixture) : IClassFixture<GatewayFixture>
{
    private const string Self = "/api/v1/gateways/self";

    private readonly GatewayUnderTest _gateway = fixture.Gateway;

    [Fact]
    public async Task Status_Reader_SeesProfileAndSnapshot()
    {
        using var client = _gateway.Api(Reader("acme"));

        var status = await (await client.GetAsync(Self)).ReadAsync<GatewayStatusResponse>();

        Assert.Equal(("gw-1", "test", "none", "write"), (status.GatewayId, status.Profile, status.RedactionPolicy, status.Durability));
        Assert.Equal(64, status.ProfileHash.Length);
        Assert.True(status.SnapshotVersion > 0);
        Assert.Equal(1, status.NextSequence);
        await _gateway.MetricIsAsync(1, "telemetry_profile_info", "profile=\"test\"", $"hash=\"{status.ProfileHash}\"");
    }

    [Fact]
    public async Task Metrics_AfterASend_BearTheNamesOfTheContract()
    {
        using var sender = _gateway.Grpc(_gateway.Writer("acme"));
        await sender.ExportAsync(Signal.Traces, OtlpBytes.Request(Signal.Traces, 2));
        await sender.RefusedAsync(Signal.Traces, [0xFF]);

        await _gateway.MetricIsAsync(2, "telemetry_ingest_records_total", "tenant=\"acme\"", "signal=\"traces\"", "outcome=\"accepted\"");
        await _gateway.MetricIsAsync(OtlpBytes.Request(Signal.Traces, 2).Length, "telemetry_ingest_bytes_total", "tenant=\"acme\"", "signal=\"traces\"");
        await _gateway.MetricIsAsync(1, "telemetry_ingest_violations_total", "reason=\"malformed\"");
    }

    [Theory]
    [InlineData(Self)]
    [InlineData(Self + "/ledger")]
    [InlineData(Self + "/traces/" + FakePipeline.KeptTrace)]
    public async Task Api_WithoutTokenOrScope_IsRefused(string path)
    {
        using var nobody = _gateway.Api();
        await ProblemAssert.IsAsync(HttpStatusCode.Unauthorized, KnownProblems.Unauthenticated, await nobody.GetAsync(path));
        using var sender = _gateway.Api(_gateway.Writer("acme"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await sender.GetAsync(path));
    }

    [Fact]
    public async Task Ledger_BoundToken_SeesItsTenantAlone()
    {
        using var acme = _gateway.Api(Reader("acme"));
        using var all = _gateway.Api(Reader("*"));

        Assert.Equal(["acme"], (await (await acme.GetAsync(Self + "/ledger")).ReadAsync<LedgerResponse>()).Rows.Select(r => r.Tenant.Value));
        Assert.Equal(["acme", "globex"], (await (await all.GetAsync(Self + "/ledger")).ReadAsync<LedgerResponse>()).Rows.Select(r => r.Tenant.Value));
        Assert.Equal(["globex"], (await (await all.GetAsync(Self + "/ledger?tenant=globex")).ReadAsync<LedgerResponse>()).Rows.Select(r => r.Tenant.Value));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await acme.GetAsync(Self + "/ledger?tenant=globex"));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await acme.GetAsync(Self + "/ledger?from=yesterday"));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await acme.GetAsync(Self + "/ledger?tenant=Not%20one"));
    }

    [Fact]
    public async Task Trace_OfOwnTenant_IsExplainedAndOfAnotherIsNot()
    {
        using var acme = _gateway.Api(Reader("acme"));
        using var globex = _gateway.Api(Reader("globex"));
        using var all = _gateway.Api(Reader("*"));
        var path = $"{Self}/traces/{FakePipeline.KeptTrace}";

        var trace = await (await acme.GetAsync(path)).ReadAsync<TraceDecisionResponse>();
        Assert.Equal(("kept", "errors"), (trace.Decision, trace.Policy));
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await globex.GetAsync(path));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await globex.GetAsync(path + "?tenant=acme"));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await all.GetAsync(path));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await acme.GetAsync(Self + "/traces/abc"));
    }

    private string Reader(string tenant) => _gateway.Issuer.Mint("reader", tenant, KnownScopes.TelemetryRead);
}
