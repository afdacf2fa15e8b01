using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.IdentityModel.JsonWebTokens;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using static StellaOps.Telemetry.Cli.Tests.TestServices.ScriptedService;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ServiceCommandTests
{
    private const string Tenant = """{"tenant":"acme","displayName":"Acme [1]","state":"active","createdAt":"2026-03-01T12:00:00+00:00"}""";

    [Fact]
    public async Task List_AsTableJsonAndYaml()
    {
        await using var service = await StartAsync(app => app.MapGet("/api/v1/tenants", () => Json($$"""{"items":[{{Tenant}}]}""")));

        var table = await RunAsync(service, "telemetry", "tenant", "list");
        var json = await RunAsync(service, "telemetry", "tenant", "list", "--output", "json");
        var yaml = await RunAsync(service, "telemetry", "tenant", "list", "--output", "yaml");

        Assert.Matches(@"TENANT\s+STATE\s+KIND\s+NAME\s+CREATED", table.Out);
        Assert.Matches(@"acme\s+active\s+live\s+Acme \[1\]\s+2026-03-01T12:00:00Z", table.Out);
        using var document = JsonDocument.Parse(json.Out);
        Assert.Equal("acme", document.RootElement.GetProperty("items")[0].GetProperty("tenant").GetString());
        Assert.Equal("items:\n- tenant: acme\n  displayName: \"Acme [1]\"\n  state: active\n  createdAt: \"2026-03-01T12:00:00+00:00\"\n  kind: live\n", yaml.Out.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(401, 4)]
    [InlineData(403, 4)]
    [InlineData(404, 1)]
    [InlineData(409, 1)]
    [InlineData(422, 2)]
    [InlineData(503, 5)]
    public async Task Problem_BecomesExitCodeAndMessage(int status, int expected)
    {
        await using var service = await StartAsync(app => app.MapPost("/api/v1/tenants/acme/disable", () =>
            TypedResults.Problem("because so", statusCode: status, title: "Refused")));
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "x" } };

        Assert.Equal(expected, await cli.RunAsync("telemetry", "tenant", "disable", "acme", "--url", service.Url.ToString()));
        Assert.Contains($"error: Refused ({status}): because so", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadLetters_ListAndResendAll_SendsWhatCanBeSent()
    {
        const string Items = """
            {"items":[
            {"id":"store.1","exporter":"store","tenant":"acme","signal":"logs","records":2,"reason":"http_400: too old","at":"2026-03-01T12:00:00+00:00","isResendable":true},
            {"id":"store.2","exporter":"store","tenant":"acme","signal":"logs","records":1,"reason":"partial: one","at":"2026-03-01T12:00:00+00:00","isResendable":false}]}
            """;
        var asked = "";
        var outcome = "accepted";
        await using var service = await StartAsync(app =>
        {
            app.MapGet("/api/v1/gateways/self/dead-letters", () => Json(Items));
            app.MapPost("/api/v1/gateways/self/dead-letters/resend", async (HttpRequest request) =>
            {
                asked = await new StreamReader(request.Body).ReadToEndAsync();
                return Json($$"""{"results":[{"id":"store.1","outcome":"{{outcome}}","records":2}]}""");
            });
        });

        var table = await RunAsync(service, "telemetry", "deadletter", "list", "--tenant", "acme");
        Assert.Matches(@"store\.1\s+acme\s+logs\s+2\s+2026-03-01T12:00:00Z\s+http_400: too old", table.Out);
        Assert.Matches(@"store\.1\s+accepted\s+2", (await RunAsync(service, "telemetry", "deadletter", "resend", "--all")).Out);
        Assert.Equal("""{"ids":["store.1"]}""", asked);

        outcome = "refused";
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "x" } };
        Assert.Equal(1, await cli.RunAsync("telemetry", "deadletter", "resend", "store.1", "--url", service.Url.ToString()));
        Assert.Equal(2, await cli.RunAsync("telemetry", "deadletter", "resend", "--url", service.Url.ToString()));
    }

    [Fact]
    public async Task Notifications_ListAndResendAll_SendsDeadLettersAgain()
    {
        const string Dead = """{"id":7,"eventId":"inc-1-1-start","event":"started","incident":"inc-1","tenant":"acme","target":"on-call","kind":"webhook","state":"dead","attempts":3,"createdAt":"2026-03-01T12:00:00+00:00","reason":"answered [404]"}""";
        var (query, resent) = ("", 0);
        await using var service = await StartAsync(app =>
        {
            app.MapGet("/api/v1/notifications", (HttpRequest request) =>
            {
                query = request.QueryString.Value!;
                return Json($$"""{"items":[{{Dead}}]}""");
            });
            app.MapPost("/api/v1/notifications/7/resend", () =>
            {
                resent++;
                return Json(Dead.Replace("dead", "pending", StringComparison.Ordinal));
            });
        });

        var table = await RunAsync(service, "telemetry", "notification", "list", "--tenant", "acme", "--incident", "inc-1", "--target", "on-call", "--state", "dead");
        Assert.Matches(@"7\s+inc-1\s+started\s+on-call\s+dead\s+3\s+2026-03-01T12:00:00Z\s+answered \[404\]", table.Out);
        Assert.Equal("?tenant=acme&incident=inc-1&target=on-call&state=dead", query);
        Assert.Matches(@"7\s+inc-1\s+started\s+on-call\s+pending", (await RunAsync(service, "telemetry", "notification", "resend", "--all", "--target", "on-call")).Out);
        Assert.Equal(("?target=on-call&state=dead", 1), (query, resent));
        await RunAsync(service, "telemetry", "notification", "resend", "7");
        Assert.Equal(2, resent);
        var cli = new CliRun { Environment = { ["STELLA_TOKEN"] = "x" } };
        Assert.Equal(2, await cli.RunAsync("telemetry", "notification", "resend", "--url", service.Url.ToString()));
        Assert.Equal(2, await cli.RunAsync("telemetry", "notification", "list", "--state", "lost", "--url", service.Url.ToString()));
    }

    [Fact]
    public async Task IncidentAcknowledge_SaysWhy()
    {
        var asked = "";
        await using var service = await StartAsync(app => app.MapPost("/api/v1/incidents/inc-1/acknowledge", async (HttpRequest request) =>
        {
            asked = await new StreamReader(request.Body).ReadToEndAsync();
            return Json(
                """
                {"id":"inc-1","tenant":"acme","services":[],"reason":"slow","severity":"critical","state":"active","samplingRate":1,"cooldownSeconds":300,"version":1,
                "startedAt":"2026-03-01T12:00:00+00:00","activeUntil":"2026-03-01T13:00:00+00:00","expiresAt":"2026-03-01T13:05:00+00:00","openedBy":"rita","timeline":[]}
                """);
        }));

        var table = await RunAsync(service, "telemetry", "incident", "acknowledge", "inc-1", "--reason", "rolling back");

        Assert.Equal("""{"reason":"rolling back"}""", asked);
        Assert.Matches(@"inc-1\s+acme\s+active", table.Out);
    }

    [Fact]
    public async Task Token_FromStateFolder_IsShortLivedAndBounded()
    {
        var state = Directory.CreateTempSubdirectory("stella-state-");
        try
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            Directory.CreateDirectory(Path.Combine(state.FullName, "keys"));
            await File.WriteAllTextAsync(Path.Combine(state.FullName, "keys", "issuer.key"), key.ExportPkcs8PrivateKeyPem());
            var cli = new CliRun();

            Assert.Equal(0, await cli.RunAsync("telemetry", "token", "--role", "responder", "--tenant", "acme", "--ttl", "10m", "--state", state.FullName));

            var token = new JsonWebToken(cli.Out.Trim());
            Assert.Equal(("urn:stella:dev", "acme", "ES256"), (token.Issuer, token.GetClaim("tenant").Value, token.Alg));
            Assert.Contains("captures:create", token.GetClaim("scope").Value.Split(' '));
            Assert.Equal(TimeSpan.FromMinutes(10), token.ValidTo - token.IssuedAt);
            var parts = cli.Out.Trim().Split('.');
            Assert.True(key.VerifyData(System.Text.Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), System.Buffers.Text.Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256));
        }
        finally
        {
            state.Delete(recursive: true);
        }
    }
}
