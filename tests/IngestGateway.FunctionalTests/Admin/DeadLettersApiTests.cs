using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Audit;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Admin;

/// <summary>A store that refuses for good, and later does not.</summary>
public sealed class DeadLettersApiTests
{
    private const string Letters = "/api/v1/gateways/self/dead-letters";

    [Fact]
    public async Task DeadLetters_RefusedThenResent_AreListedByTenantAndGoneOnceTaken()
    {
        var status = StatusCodes.Status400BadRequest;
        var requests = 0;
        await using var store = await StoreAsync(() =>
        {
            Interlocked.Increment(ref requests);
            return Volatile.Read(ref status);
        });
        await using var gateway = new GatewayUnderTest { IsWhole = true };
        gateway.Profiles.Tenant("acme");
        gateway.Profiles.Tenant("globex");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync(profile: ProfileFor(store));
        await gateway.ReadyAsync();
        foreach (var tenant in new[] { "acme", "globex" })
        {
            using var sender = gateway.Grpc(gateway.Writer(tenant));
            await sender.ExportAsync(Signal.Logs, OtlpBytes.Request(Signal.Logs, 2));
        }

        using var all = gateway.Api(gateway.Issuer.Mint("operator", "*", KnownScopes.TelemetryRead, KnownScopes.ReplayWrite));
        using var acme = gateway.Api(gateway.Issuer.Mint("operator", "acme", KnownScopes.TelemetryRead, KnownScopes.ReplayWrite));
        await Eventually.HoldsAsync(async () => (await ListAsync(all)).Items.Count == 2, TimeSpan.FromSeconds(15), "two dead letters");
        var letter = Assert.Single((await ListAsync(acme)).Items);
        Assert.Equal(("store", "acme", Signal.Logs, 2, true), (letter.Exporter, letter.Tenant.Value, letter.Signal, letter.Records, letter.IsResendable));
        Assert.Contains("http_400", letter.Reason, StringComparison.Ordinal);
        var first = await ListAsync(all, "?limit=1");
        Assert.Equal(2, first.Items.Concat((await ListAsync(all, $"?limit=1&cursor={first.NextCursor}")).Items).Select(l => l.Id).Distinct().Count());

        Assert.Equal(DeadLetterOutcome.Refused, await ResendAsync(acme, letter.Id));
        Volatile.Write(ref status, StatusCodes.Status503ServiceUnavailable);
        Assert.Equal(DeadLetterOutcome.Unavailable, await ResendAsync(acme, letter.Id));
        Assert.Single((await ListAsync(acme)).Items);

        await gateway.StopAsync();
        await gateway.StartAsync(profile: ProfileFor(store));
        await gateway.ReadyAsync();
        using var again = gateway.Api(gateway.Issuer.Mint("operator", "acme", KnownScopes.TelemetryRead, KnownScopes.ReplayWrite));
        using var globex = gateway.Api(gateway.Issuer.Mint("operator", "globex", KnownScopes.TelemetryRead, KnownScopes.ReplayWrite));
        Assert.Equal(DeadLetterOutcome.Gone, await ResendAsync(globex, letter.Id));
        Volatile.Write(ref status, StatusCodes.Status200OK);
        var before = Volatile.Read(ref requests);
        Assert.Equal(DeadLetterOutcome.Accepted, await ResendAsync(again, letter.Id));
        Assert.Equal(DeadLetterOutcome.Gone, await ResendAsync(again, letter.Id));
        Assert.Equal(1, Volatile.Read(ref requests) - before);
        Assert.Empty((await ListAsync(again)).Items);
        Assert.Single((await ListAsync(globex)).Items);
    }

    [Fact]
    public async Task DeadLetters_WithoutScopeOrSense_AreRefused()
    {
        await using var gateway = new GatewayUnderTest { IsWhole = true };
        gateway.Profiles.Tenant("acme");
        await gateway.Profiles.StartAsync();
        await gateway.StartAsync();
        using var reader = gateway.Api(gateway.Issuer.Mint("reader", "acme", KnownScopes.TelemetryRead));
        using var writer = gateway.Api(gateway.Writer("acme"));
        using var operators = gateway.Api(gateway.Issuer.Mint("operator", "acme", KnownScopes.ReplayWrite));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await writer.GetAsync(Letters));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.ScopeMissing, await PostAsync(reader, "store.x"));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await PostAsync(operators));
        await ProblemAssert.IsAsync(HttpStatusCode.BadRequest, KnownProblems.Validation, await reader.GetAsync(Letters + "?limit=0"));
        await ProblemAssert.IsAsync(HttpStatusCode.Forbidden, KnownProblems.TenantNotAllowed, await reader.GetAsync(Letters + "?tenant=globex"));
        Assert.Equal(DeadLetterOutcome.Gone, await ResendAsync(operators, "../../data.x"));
        Assert.Empty((await ListAsync(reader)).Items);
    }

    private static string ProfileFor(RunningService store) => $$"""
        apiVersion: telemetry.stella-ops.org/v1
        kind: Profile
        metadata: { name: letters }
        spec:
          environment: development
          redaction: none
          durability: write
          recorder: { max_bytes: 16MiB, file_bytes: 4MiB }
          sampling: { policies: [{ name: all, type: always_sample }] }
          exporters: [{ name: store, type: otlp, endpoint: "{{store.Url}}", protocol: http/protobuf }]
        """;

    private static Task<RunningService> StoreAsync(Func<int> answer)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls=http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapPost("/v1/logs", () => TypedResults.StatusCode(answer()));
        return RunningService.StartAsync(app);
    }

    private static async Task<Page<DeadLetterResponse>> ListAsync(HttpClient client, string query = "") =>
        await (await client.GetAsync(Letters + query)).ReadAsync<Page<DeadLetterResponse>>();

    private static async Task<DeadLetterOutcome> ResendAsync(HttpClient client, string id) =>
        Assert.Single((await (await PostAsync(client, id)).ReadAsync<ResendDeadLettersResponse>()).Results).Outcome;

    private static Task<HttpResponseMessage> PostAsync(HttpClient client, params string[] ids) =>
        client.PostAsJsonAsync(Letters + "/resend", new ResendDeadLettersRequest(ids), ContractsJson.Default.ResendDeadLettersRequest);
}
