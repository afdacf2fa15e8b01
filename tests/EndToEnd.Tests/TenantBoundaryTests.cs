using System.Net;
using System.Text.Json;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using OpenTelemetry.Proto.Common.V1;
using OpenTelemetry.Proto.Resource.V1;
using OpenTelemetry.Proto.Trace.V1;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>No tenant sees, names or changes another's.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class TenantBoundaryTests(SharedStack shared, TenantBoundaryTests.TwoTenants world) : IClassFixture<TenantBoundaryTests.TwoTenants>
{
    private const int NotAllowed = 4;
    private readonly RunningStack _stack = shared.Stack;

    [Theory]
    [InlineData("grpc")]
    [InlineData("http")]
    public async Task Send_HeadersAndAttributesThatNameAnotherTenant_ChangeNothing(string protocol)
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var theirs = await world.AcceptedAsync(world.Theirs.Name, cancellationToken);
        var ours = await world.AcceptedAsync(world.Ours.Name, cancellationToken);
        var (traceId, request) = RequestThatNames(world.Theirs.Name);
        (string, string)[] headers = [("x-scope-orgid", world.Theirs.Name), ("x-tenant-id", world.Theirs.Name), ("tenant", world.Theirs.Name), ("stella-tenant", world.Theirs.Name)];

        if (protocol == "grpc")
        {
            using var sender = new GrpcSender(_stack.GrpcUrl, world.Ours.IngestKey);
            await sender.ExportAsync(Signal.Traces, request, null, headers);
        }
        else
        {
            using var client = new HttpClient();
            foreach (var (name, value) in headers)
            {
                client.DefaultRequestHeaders.Add(name, value);
            }

            Assert.Equal(HttpStatusCode.OK, await world.Ours.PostAsync(client, "traces?tenant=" + world.Theirs.Name, request, "application/x-protobuf", cancellationToken));
        }

        // Theirs has an incident that keeps everything of theirs: this trace is not theirs, whatever it says.
        var verdict = await world.Ours.WaitForDecisionAsync(traceId, TimeSpan.FromSeconds(20), cancellationToken);
        Assert.True(verdict.IsDecided);
        Assert.NotEqual("incident", verdict.Policy);
        Assert.Equal(new TraceVerdict("unknown", null), await world.Theirs.WaitForDecisionAsync(traceId, TimeSpan.Zero, cancellationToken));
        Assert.Equal(ours + 1, await world.AcceptedAsync(world.Ours.Name, cancellationToken));
        Assert.Equal(theirs, await world.AcceptedAsync(world.Theirs.Name, cancellationToken));
    }

    [Fact]
    public async Task CommandLine_TokenOfAnotherTenant_IsNotAllowed()
    {
        var theirs = world.Theirs.Name;
        var viewer = await TokenAsync("viewer");
        var responder = await TokenAsync("responder");

        Assert.Equal(NotAllowed, (await StellaAsync(viewer, "incident", "list", "--tenant", theirs)).ExitCode);
        Assert.Equal(NotAllowed, (await StellaAsync(viewer, "audit", "list")).ExitCode);
        Assert.Equal(NotAllowed, (await StellaAsync(viewer, "tenant", "add", SharedStack.NewTenantName("mine"))).ExitCode);
        Assert.Equal(NotAllowed, (await StellaAsync(viewer, "incident", "start", "--tenant", world.Ours.Name, "--reason", "a viewer only looks")).ExitCode);
        Assert.Equal(NotAllowed, (await StellaAsync(responder, "incident", "start", "--tenant", theirs, "--reason", "not mine")).ExitCode);
        Assert.Equal(NotAllowed, (await StellaAsync(responder, "capture", "--tenant", theirs, "--from", "-5m")).ExitCode);

        // What is not theirs to know does not exist.
        Assert.Equal(1, (await StellaAsync(viewer, "incident", "show", world.TheirIncident)).ExitCode);
        Assert.Equal(1, (await StellaAsync(responder, "incident", "stop", world.TheirIncident, "--now")).ExitCode);
        var listed = await StellaAsync(viewer, "incident", "list", "--output", "json");
        Assert.Equal(0, listed.ExitCode);
        Assert.DoesNotContain(theirs, listed.Output, StringComparison.Ordinal);
        Assert.Contains(world.TheirIncident, (await _stack.Gateway.GetSelfAsync(TestContext.Current.CancellationToken)).ActiveIncidents);
    }

    [Fact]
    public async Task Api_TokenOfAnotherTenant_SeesNothing()
    {
        var theirs = world.Theirs.Name;
        var responder = await TokenAsync("responder");
        await AssertForbiddenAsync(KnownServices.IncidentService, responder, $"api/v1/incidents?tenant={theirs}");
        await AssertForbiddenAsync(KnownServices.CaptureWorker, responder, $"api/v1/captures?tenant={theirs}");
        await AssertForbiddenAsync(KnownServices.IngestGateway, responder, $"api/v1/gateways/self/ledger?tenant={theirs}");
        await AssertForbiddenAsync(KnownServices.IngestGateway, responder, $"api/v1/gateways/self/traces/{world.TheirTrace}?tenant={theirs}");
        await AssertForbiddenAsync(KnownServices.ProfileService, responder, $"api/v1/tenants/{theirs}/ingest-keys");
        await AssertForbiddenAsync(KnownServices.ProfileService, await TokenAsync("auditor"), $"api/v1/audit?tenant={theirs}");
        await AssertForbiddenAsync(KnownServices.ProfileService, await TokenAsync("auditor"), "api/v1/audit/verify");

        await AssertNotFoundAsync(KnownServices.IncidentService, responder, $"api/v1/incidents/{world.TheirIncident}");
        await AssertNotFoundAsync(KnownServices.CaptureWorker, responder, $"api/v1/captures/{world.TheirCapture}");
        await AssertNotFoundAsync(KnownServices.CaptureWorker, responder, $"api/v1/captures/{world.TheirCapture}/files/{world.TheirFile}");
        await AssertNotFoundAsync(KnownServices.IngestGateway, responder, $"api/v1/gateways/self/traces/{world.TheirTrace}");

        // Asked for everything, it is given its own: something, and nothing of theirs.
        await AssertListsOnlyOursAsync(KnownServices.IncidentService, responder, "api/v1/incidents", hasOwn: false);
        await AssertListsOnlyOursAsync(KnownServices.CaptureWorker, responder, "api/v1/captures", hasOwn: false);
        await AssertListsOnlyOursAsync(KnownServices.ProfileService, responder, "api/v1/tenants", hasOwn: true);
        await AssertListsOnlyOursAsync(KnownServices.ProfileService, await TokenAsync("auditor"), "api/v1/audit", hasOwn: true);
        await AssertListsOnlyOursAsync(KnownServices.IngestGateway, responder, "api/v1/gateways/self/ledger", hasOwn: true);
        using var self = await GetAsync(KnownServices.IngestGateway, responder, "api/v1/gateways/self");
        Assert.DoesNotContain(world.TheirIncident, await self.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);

        // The same questions by an administrator of all find what was hidden.
        foreach (var (service, path) in (IEnumerable<(string, string)>)[
            (KnownServices.IncidentService, $"api/v1/incidents/{world.TheirIncident}"),
            (KnownServices.CaptureWorker, $"api/v1/captures/{world.TheirCapture}"),
            (KnownServices.CaptureWorker, $"api/v1/captures/{world.TheirCapture}/files/{world.TheirFile}"),
            (KnownServices.IngestGateway, $"api/v1/gateways/self/traces/{world.TheirTrace}?tenant={theirs}")])
        {
            using var answer = await GetAsync(service, _stack.Token, path);
            Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        }
    }

    private async Task AssertForbiddenAsync(string service, string token, string path)
    {
        using var answer = await GetAsync(service, token, path);
        Assert.True(answer.StatusCode == HttpStatusCode.Forbidden, $"{path}: {answer.StatusCode}");
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, answer);
    }

    private async Task AssertNotFoundAsync(string service, string token, string path)
    {
        using var answer = await GetAsync(service, token, path);
        Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{path}: {answer.StatusCode}");
        await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, answer);
    }

    private async Task AssertListsOnlyOursAsync(string service, string token, string path, bool hasOwn)
    {
        using var answer = await GetAsync(service, token, path);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        Assert.DoesNotContain(world.Theirs.Name, text, StringComparison.Ordinal);
        Assert.Equal(hasOwn, text.Contains(world.Ours.Name, StringComparison.Ordinal));
    }

    private async Task<HttpResponseMessage> GetAsync(string service, string token, string path)
    {
        using var client = RunningStack.NewAdminHttp(_stack.Url(service, "http"), token);
        return await client.GetAsync(path, TestContext.Current.CancellationToken);
    }

    private Task<ToolResult> StellaAsync(string token, params string[] arguments) =>
        _stack.Stella.RunAsync(["telemetry", .. arguments], new Dictionary<string, string> { ["STELLA_TOKEN"] = token });

    private Task<string> TokenAsync(string role) =>
        Task.FromResult(shared.Process.MintToken("stranger", world.Ours.Name, [.. KnownScopes.Roles[role]]));

    private static (string TraceId, byte[] Request) RequestThatNames(string tenant)
    {
        var traceId = Guid.NewGuid().ToByteArray();
        KeyValue Named(string key) => new() { Key = key, Value = new AnyValue { StringValue = tenant } };
        var span = new Span { TraceId = ByteString.CopyFrom(traceId), SpanId = ByteString.CopyFrom(traceId, 0, 8), Name = "GET /", StartTimeUnixNano = 1, EndTimeUnixNano = 2 };
        span.Attributes.AddRange([Named("tenant"), Named("stella.tenant"), Named("X-Scope-OrgID")]);
        var resource = new Resource();
        resource.Attributes.AddRange([Named("service.name"), Named("tenant"), Named("tenant.id"), Named("stella.tenant")]);
        var request = new ExportTraceServiceRequest { ResourceSpans = { new ResourceSpans { Resource = resource, ScopeSpans = { new ScopeSpans { Spans = { span } } } } } };
        return (Convert.ToHexStringLower(traceId), request.ToByteArray());
    }

    /// <summary>A tenant with an incident, a capture and a trace, and another one without.</summary>
    public sealed class TwoTenants(SharedStack shared) : IAsyncLifetime
    {
        public TenantSender Ours { get; private set; } = null!;

        public TenantSender Theirs { get; private set; } = null!;

        public string TheirIncident { get; private set; } = "";

        public string TheirCapture { get; private set; } = "";

        public string TheirFile { get; private set; } = "";

        public string TheirTrace { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            var stack = shared.Stack;
            Ours = await stack.AddTenantAsync(SharedStack.NewTenantName("ours"));
            Theirs = await stack.AddTenantAsync(SharedStack.NewTenantName("theirs"));
            await Ours.WaitUntilAcceptedAsync(CancellationToken.None);
            await Theirs.WaitUntilAcceptedAsync(CancellationToken.None);
            var incident = await stack.Stella.TelemetryJsonAsync("incident", "start", "--tenant", Theirs.Name, "--reason", "theirs alone");
            TheirIncident = incident.GetProperty("id").GetString()!;
            using (var theirs = Theirs.StartWorkload("shop", OpenTelemetry.Exporter.OtlpExportProtocol.Grpc))
            {
                TheirTrace = theirs.Serve(1, errorEvery: 1)[0].TraceId;
                theirs.FlushAll();
            }

            // A workload sends once more as it ends: before the capture, which waits for all that was accepted, so that the ledger stands still afterwards.
            using (var ours = Ours.StartWorkload("shop", OpenTelemetry.Exporter.OtlpExportProtocol.Grpc))
            {
                await Ours.DecisionsAsync(ours.Serve(1, errorEvery: 1), CancellationToken.None);
                ours.FlushAll();
            }

            var folder = Directory.CreateTempSubdirectory("stella-theirs-");
            try
            {
                var now = TimeProvider.System.GetUtcNow();
                var bundle = await stack.CaptureAsync(Theirs.Name, now.AddMinutes(-1), now, folder.FullName);
                TheirFile = Path.GetFileName(bundle.Archives[0]);
            }
            finally
            {
                folder.Delete(recursive: true);
            }

            using var captures = RunningStack.NewAdminHttp(stack.Url(KnownServices.CaptureWorker, "http"), stack.Token);
            TheirCapture = JsonDocument.Parse(await captures.GetStringAsync("api/v1/captures?tenant=" + Theirs.Name)).RootElement.GetProperty("items")[0].GetProperty("id").GetString()!;
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;

        /// <summary>Records of a tenant in the ledger.</summary>
        public async Task<long> AcceptedAsync(string tenant, CancellationToken cancellationToken) =>
            (await shared.Stack.Gateway.GetLedgerAsync(Contracts.Tenants.TenantId.Parse(tenant), null, null, cancellationToken)).Rows.Sum(r => r.Accepted);
    }
}
