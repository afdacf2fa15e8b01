using System.Globalization;
using System.Text.Json;
using OpenTelemetry.Exporter;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>Stop, cooldown and extension, as the command line says them and the gateway does them.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class IncidentFlowTests(SharedStack shared, ITestOutputHelper output)
{
    private readonly RunningStack _stack = shared.Stack;

    [Fact]
    public async Task Stop_WithoutNow_StaysRaisedThroughTheCooldownAndReverts()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var tenant = await _stack.AddTenantAsync(SharedStack.NewTenantName("flow"));
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        using var workload = tenant.StartWorkload("shop", OtlpExportProtocol.Grpc);
        var opened = await StartAsync(tenant.Name, "1h", "6s");
        Assert.Equal(TimeSpan.FromSeconds(3606), TimeOf(opened, "expiresAt") - TimeOf(opened, "startedAt"));

        var askedAt = Now();
        var stopped = await _stack.Stella.TelemetryJsonAsync("incident", "stop", IdOf(opened));
        var expiresAt = TimeOf(stopped, "expiresAt");
        Assert.Equal("cooling-down", stopped.GetProperty("state").GetString());
        Assert.InRange(TimeOf(stopped, "endedAt"), askedAt - TimeSpan.FromMilliseconds(1), Now());
        Assert.Equal(TimeSpan.FromSeconds(6), expiresAt - TimeOf(stopped, "endedAt"));

        var cooling = workload.Serve(20, errorEvery: 0);
        workload.FlushAll();
        Assert.True(Now() < expiresAt, "the cooldown was over before anything could be sent");
        Assert.True(await IsInForceAsync(IdOf(opened)));
        await Eventually.HoldsAsync(async () => !await IsInForceAsync(IdOf(opened)), TimeSpan.FromSeconds(10), "the gateway reverts");
        var late = Now() - expiresAt;
        Assert.InRange(late, TimeSpan.Zero, TimeSpan.FromSeconds(1));

        var after = workload.Serve(60, errorEvery: 0);
        workload.FlushAll();
        Assert.All((await tenant.DecisionsAsync(cooling, cancellationToken)).Values, v => Assert.Equal(new TraceVerdict("kept", "incident"), v));
        var ordinary = (await tenant.DecisionsAsync(after, cancellationToken)).Values.ToList();
        Assert.DoesNotContain(ordinary, v => v.Policy == "incident");
        Assert.InRange(ordinary.Count(v => v.IsKept), 0, ordinary.Count / 2);
        await Eventually.HoldsAsync(async () => await StateAsync(IdOf(opened)) == "closed", TimeSpan.FromSeconds(5), "the incident is closed");
        output.WriteLine($"reverted {late.TotalMilliseconds:F0} ms after expiresAt");
    }

    [Fact]
    public async Task Extend_Lengthens_AndNeverShortens()
    {
        var tenant = SharedStack.NewTenantName("flow");
        await _stack.Stella.TelemetryJsonAsync("tenant", "add", tenant);
        var opened = await StartAsync(tenant, "60s", "30s");

        var askedAt = Now();
        var extended = await _stack.Stella.TelemetryJsonAsync("incident", "extend", IdOf(opened), "--ttl", "10m");
        var answeredAt = Now();
        Assert.InRange(TimeOf(extended, "expiresAt"), askedAt + TimeSpan.FromSeconds(629), answeredAt + TimeSpan.FromSeconds(630));
        Assert.Equal(TimeSpan.FromSeconds(30), TimeOf(extended, "expiresAt") - TimeOf(extended, "activeUntil"));
        Assert.True(extended.GetProperty("version").GetInt64() > opened.GetProperty("version").GetInt64());

        var shorter = await _stack.Stella.TelemetryJsonAsync("incident", "extend", IdOf(opened), "--ttl", "5s");
        Assert.Equal(TimeOf(extended, "expiresAt"), TimeOf(shorter, "expiresAt"));

        await _stack.Stella.TelemetryJsonAsync("incident", "stop", IdOf(opened), "--now");
        Assert.Equal(1, (await _stack.Stella.TelemetryAsync("incident", "extend", IdOf(opened), "--ttl", "1h")).ExitCode);
        Assert.Equal("closed", await StateAsync(IdOf(opened)));
    }

    private Task<JsonElement> StartAsync(string tenant, string ttl, string cooldown) =>
        _stack.Stella.TelemetryJsonAsync("incident", "start", "--tenant", tenant, "--reason", "flow", "--ttl", ttl, "--cooldown", cooldown);

    private async Task<bool> IsInForceAsync(string id) => (await _stack.Gateway.GetSelfAsync(TestContext.Current.CancellationToken)).ActiveIncidents.Contains(id);

    private async Task<string?> StateAsync(string id) => (await _stack.Stella.TelemetryJsonAsync("incident", "show", id)).GetProperty("state").GetString();

    private static string IdOf(JsonElement incident) => incident.GetProperty("id").GetString()!;

    private static DateTimeOffset TimeOf(JsonElement incident, string property) => DateTimeOffset.Parse(incident.GetProperty(property).GetString()!, CultureInfo.InvariantCulture);

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();
}
