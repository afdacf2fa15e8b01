using System.Net;
using System.Text.Json;
using StellaOps.Telemetry.Archive.Export;
using StellaOps.Telemetry.CaptureWorker.FunctionalTests.TestServices;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Search;

public sealed class ArchiveApiTests
{
    private const string Search = "/api/v1/archive/search";
    private const long Second = 1_000_000_000;

    private static readonly byte[] s_logs = OtlpBytes.Logs("checkout", (100, "payment timed out"), (200, "payment done"));

    [Fact]
    public async Task SearchAndExport_OfTheTokensTenant_StreamAndAreAudited()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");
        await gateway.ArchiveAsync(gateway.Accept(CaptureFixture.Tenant, Signal.Logs, s_logs, 2, fixture.FromNano + Second), s_logs);
        await gateway.ArchiveAsync(gateway.Accept(TenantId.Parse("other"), Signal.Logs, s_logs, 2, fixture.FromNano + Second), s_logs);
        var worker = await fixture.StartWorkerAsync("worker");
        using var http = worker.Client(fixture.Issuer.Mint("vera", "acme", KnownScopes.TelemetryRead));
        var client = new ArchiveClient(http);

        var lines = new List<string>();
        await foreach (var line in client.SearchAsync(new ArchiveSearchRequest(CaptureFixture.Tenant, fixture.From, fixture.To, Text: "timed", Progress: true), CancellationToken.None))
        {
            lines.Add(line);
        }

        using var file = new MemoryStream();
        var summary = await client.ExportAsync(
            new ArchiveExportRequest(CaptureFixture.Tenant, fixture.From, fixture.To, [Signal.Logs], ArchiveExportFormat.Proto),
            answer => ExportAnswer.ReadAsync(answer, file, null, CancellationToken.None),
            CancellationToken.None);

        using var hit = JsonDocument.Parse(lines[0]);
        Assert.Equal(("gw-1", "1", 0), (hit.RootElement.GetProperty("gateway").GetString(), hit.RootElement.GetProperty("sequence").GetString(), hit.RootElement.GetProperty("index").GetInt32()));
        var worth = JsonSerializer.Deserialize(lines[^1], ContractsJson.Default.ArchiveSearchNote)!.Summary!;
        Assert.Equal((true, 1L, 2L), (worth.Complete, worth.Found, worth.RecordsScanned));
        Assert.Equal((true, 2L), (summary.Complete, summary.Records["logs"]));
        Assert.Equal(s_logs, file.ToArray()[4..]);
        Assert.Equal(
            [("vera", "archive.search", "acme", "timed"), ("vera", "archive.export", "acme", null)],
            await AuditAsync(fixture));
    }

    [Fact]
    public async Task Search_WithoutScopeOfAnotherTenantOrAskedWrong_IsRefused()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var worker = await fixture.StartWorkerAsync("worker", ("Stella__Search__MaxLimit", "50"));
        using var reader = worker.Client(fixture.Issuer.Mint("vera", "acme", KnownScopes.TelemetryRead));
        using var other = worker.Client(fixture.Issuer.Mint("olaf", "other", KnownScopes.TelemetryRead));
        using var sender = worker.Client(fixture.Issuer.Mint("app", "acme", KnownScopes.TelemetryWrite));
        var good = new ArchiveSearchRequest(CaptureFixture.Tenant, fixture.From, fixture.To);

        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await sender.SendJsonAsync(Search, good));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await other.SendJsonAsync(Search, good));
        var wrong = await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await reader.SendJsonAsync(
            Search, new ArchiveSearchRequest(CaptureFixture.Tenant, fixture.From, fixture.From, TraceId: "12", MinSeverity: "loud", Text: "", Limit: 51, Attributes: [new ArchiveSearchAttribute("", "x")])));
        Assert.Equal(
            ["to", "traceId", "minSeverity", "attributes", "text", "limit"], wrong.GetProperty("errors").EnumerateObject().Select(e => e.Name));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await reader.SendJsonAsync(Search, good with { From = fixture.From.AddDays(-40) }));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await reader.SendJsonAsync(
            "/api/v1/archive/export", new ArchiveExportRequest(CaptureFixture.Tenant, fixture.From, fixture.To, null, ArchiveExportFormat.Proto)));
    }

    [Fact]
    public async Task Search_MoreThanTheTenantMayRun_IsRefused_UntilOneIsGivenUp()
    {
        await using var fixture = await CaptureFixture.StartAsync();
        var gateway = await fixture.StartGatewayAsync("gw-1");

        // More than buffers between the two take: the search waits for its reader.
        var big = OtlpBytes.Logs("checkout", [.. Enumerable.Range(0, 40).Select(i => ((ulong)i, new string('x', 500_000)))]);
        await gateway.ArchiveAsync(gateway.Accept(CaptureFixture.Tenant, Signal.Logs, big, 40, fixture.FromNano + Second), big);
        var worker = await fixture.StartWorkerAsync("worker", ("Stella__Search__MaxConcurrentPerTenant", "1"));
        using var http = worker.Client(fixture.Issuer.Mint("vera", "*", KnownScopes.TelemetryRead));
        var request = new ArchiveSearchRequest(CaptureFixture.Tenant, fixture.From, fixture.To);
        var slow = new ArchiveClient(http).SearchAsync(request, CancellationToken.None).GetAsyncEnumerator();
        Assert.True(await slow.MoveNextAsync());

        var refused = await http.SendJsonAsync(Search, request);
        await ProblemAssert.IsAsync(HttpStatusCode.TooManyRequests, KnownProblems.TooManyRequests, refused);
        Assert.NotNull(refused.Headers.RetryAfter);
        Assert.Equal(HttpStatusCode.OK, (await http.SendJsonAsync(Search, request with { Tenant = TenantId.Parse("other") })).StatusCode);

        await slow.DisposeAsync();
        await Eventually.HoldsAsync(
            async () => (await http.SendJsonAsync(Search, request with { Limit = 1 })).StatusCode == HttpStatusCode.OK, TimeSpan.FromSeconds(30), "the place is given back");
    }

    private static async Task<List<(string Actor, string Action, string Tenant, string? Text)>> AuditAsync(CaptureFixture fixture)
    {
        var rows = new List<(string, string, string, string?)>();
        await using var command = fixture.Database.DataSource.CreateCommand("SELECT actor, action, tenant, detail::jsonb ->> 'text' FROM audit.entries ORDER BY sequence");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
        {
            rows.Add((reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.IsDBNull(3) ? null : reader.GetString(3)));
        }

        return rows;
    }
}
