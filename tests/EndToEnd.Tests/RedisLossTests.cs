using System.Diagnostics;
using System.Globalization;
using OpenTelemetry.Exporter;
using StackExchange.Redis;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.EndToEnd.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>An incident outlives its messenger, and ends in time without anybody's help.</summary>
public sealed class RedisLossTests(ITestOutputHelper output)
{
    /// <summary>PostgreSQL is compared with Redis every two seconds.</summary>
    private static readonly TimeSpan s_twoReconciliations = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_healsWithin = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_betweenBursts = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Redis_FlushedAndKilledDuringAnIncident_SamplingStaysRaised()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var process = await StackProcess.StartAsync();
        using var stack = await RunningStack.OpenAsync(process.StateDirectory);
        var tenant = await stack.AddTenantAsync("acme");
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        var incident = await IncidentInForceAsync(stack, "10m", "5m", cancellationToken);
        await using var redis = await ConnectAsync(stack);
        await using var sender = SteadySender.Start(stack, tenant);

        // 1. Emptied.
        Assert.True(await redis.GetDatabase().HashExistsAsync(KnownRedis.ActiveIncidents, incident.Id));
        await redis.GetDatabase().ExecuteAsync("FLUSHALL");
        var healedIn = await HealedAsync(redis, incident.Id);
        Assert.InRange(healedIn, TimeSpan.Zero, s_healsWithin);
        output.WriteLine($"flushed: in the hash again after {healedIn.TotalMilliseconds:F0} ms");
        await Task.Delay(s_twoReconciliations, cancellationToken);

        // 2. Killed, and started again empty.
        var killed = await process.KillAsync(KnownServices.Redis);
        var clock = Stopwatch.StartNew();
        await process.RestartedAsync(KnownServices.Redis, killed);
        var restartedIn = clock.Elapsed;
        healedIn = await HealedAsync(redis, incident.Id);
        Assert.InRange(healedIn, TimeSpan.Zero, s_healsWithin);
        output.WriteLine($"killed: up again after {restartedIn.TotalMilliseconds:F0} ms, in the hash again {healedIn.TotalMilliseconds:F0} ms later");
        await Task.Delay(s_twoReconciliations, cancellationToken);

        // 3. Not one trace, before, between or after, was left to chance.
        var traces = await sender.StopAsync();
        var verdicts = await tenant.DecisionsAsync(traces, cancellationToken);
        Assert.All(verdicts.Values, v => Assert.Equal(new TraceVerdict("kept", "incident"), v));
        output.WriteLine($"{verdicts.Count} traces, all kept by the incident");

        // 4. And the new Redis carries the end as the old one would have.
        await stack.Stella.TelemetryJsonAsync("incident", "stop", incident.Id, "--now");
        clock.Restart();
        await Eventually.HoldsAsync(async () => !await IsInForceAsync(stack, incident.Id, cancellationToken), TimeSpan.FromSeconds(1), "the gateway hears of the end by the new Redis");
        output.WriteLine($"stopped: reverted {clock.ElapsedMilliseconds} ms after the answer");
    }

    [Fact]
    public async Task ControlPlane_GoneForGood_SamplingRevertsAtExpiresAt()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        await using var process = await StackProcess.StartAsync();
        using var stack = await RunningStack.OpenAsync(process.StateDirectory);
        var tenant = await stack.AddTenantAsync("acme");
        await tenant.WaitUntilAcceptedAsync(cancellationToken);
        using var workload = tenant.StartWorkload("shop", OtlpExportProtocol.Grpc);
        var incident = await IncidentInForceAsync(stack, "6s", "4s", cancellationToken);

        // 1. Nobody is left who could say that it ended, nor start anybody again.
        string[] controlPlane = [KnownServices.IncidentService, KnownServices.Redis, KnownServices.ProfileService, KnownServices.CaptureWorker, KnownServices.Postgres];
        await process.FreezeHostAsync();
        var killed = await Task.WhenAll(controlPlane.Select(process.KillAsync));
        await Eventually.HoldsAsync(() => !killed.Any(StackProcess.IsAlive), TimeSpan.FromSeconds(5), "the control plane is gone");
        Assert.True(Now() < incident.ExpiresAt, "the control plane went too late to show anything");

        // 2. Traffic through and past the end; each burst knows when it was sent and acknowledged.
        List<(DateTimeOffset SentAt, DateTimeOffset AcknowledgedAt, IReadOnlyList<SentTrace> Traces)> bursts = [];
        DateTimeOffset? inForceUntil = null;
        DateTimeOffset? revertedAt = null;
        while (Now() < incident.ExpiresAt + TimeSpan.FromSeconds(2))
        {
            var sentAt = Now();
            if (bursts.Count == 0 || sentAt - bursts[^1].SentAt > s_betweenBursts)
            {
                var traces = workload.Serve(10, errorEvery: 0);
                workload.FlushAll();
                bursts.Add((sentAt, Now(), traces));
            }

            var askedAt = Now();
            if (await IsInForceAsync(stack, incident.Id, cancellationToken))
            {
                inForceUntil = askedAt;
            }
            else
            {
                revertedAt ??= Now();
            }
        }

        // 3. In force until the very end, reverted at once after it; margins are those of a machine with two busy cores.
        var margin = TimeSpan.FromSeconds(0.5);
        Assert.NotNull(inForceUntil);
        Assert.NotNull(revertedAt);
        Assert.InRange(inForceUntil.Value, incident.ExpiresAt - margin, incident.ExpiresAt);
        Assert.InRange(revertedAt.Value, incident.ExpiresAt, incident.ExpiresAt + margin);

        // 4. What was acknowledged before is kept by the incident, what was sent after is left to the ordinary policies.
        var verdicts = await tenant.DecisionsAsync([.. bursts.SelectMany(b => b.Traces)], cancellationToken);
        var before = bursts.Where(b => b.AcknowledgedAt < incident.ExpiresAt - margin).SelectMany(b => b.Traces).Select(t => verdicts[t.TraceId]).ToList();
        var after = bursts.Where(b => b.SentAt > incident.ExpiresAt + margin).SelectMany(b => b.Traces).Select(t => verdicts[t.TraceId]).ToList();
        Assert.NotEmpty(before);
        Assert.All(before, v => Assert.Equal(new TraceVerdict("kept", "incident"), v));
        Assert.True(after.Count >= 50, $"only {after.Count} traces were sent after the end");
        Assert.DoesNotContain(after, v => v.Policy == "incident");
        Assert.InRange(after.Count(v => v.IsKept), 0, after.Count / 2);
        Assert.DoesNotContain(killed, StackProcess.IsAlive);
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{before.Count} traces before expiresAt all kept; in force {(incident.ExpiresAt - inForceUntil.Value).TotalMilliseconds:F0} ms before it, reverted {(revertedAt.Value - incident.ExpiresAt).TotalMilliseconds:F0} ms after it; then {after.Count(v => v.IsKept)} of {after.Count} kept"));
    }

    private static async Task<(string Id, DateTimeOffset ExpiresAt)> IncidentInForceAsync(RunningStack stack, string ttl, string cooldown, CancellationToken cancellationToken)
    {
        var opened = await stack.Stella.TelemetryJsonAsync("incident", "start", "--tenant", "acme", "--reason", "loss of the messenger", "--ttl", ttl, "--cooldown", cooldown);
        var id = opened.GetProperty("id").GetString()!;
        await Eventually.HoldsAsync(() => IsInForceAsync(stack, id, cancellationToken), TimeSpan.FromSeconds(5), "the gateway takes the incident");
        return (id, opened.GetProperty("expiresAt").GetDateTimeOffset());
    }

    private static async Task<bool> IsInForceAsync(RunningStack stack, string id, CancellationToken cancellationToken) =>
        (await stack.Gateway.GetSelfAsync(cancellationToken)).ActiveIncidents.Contains(id);

    private static async Task<ConnectionMultiplexer> ConnectAsync(RunningStack stack)
    {
        var url = stack.Url(KnownServices.Redis, "tcp");
        return await ConnectionMultiplexer.ConnectAsync(new ConfigurationOptions
        {
            EndPoints = { { url.Host, url.Port } },
            AllowAdmin = true,
            AbortOnConnectFail = false,
            ReconnectRetryPolicy = new LinearRetry(100),
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
        });
    }

    private static async Task<TimeSpan> HealedAsync(ConnectionMultiplexer redis, string id)
    {
        var clock = Stopwatch.StartNew();
        await Eventually.HoldsAsync(
            async () =>
            {
                try
                {
                    return await redis.GetDatabase().HashExistsAsync(KnownRedis.ActiveIncidents, id);
                }
                catch (Exception e) when (e is RedisException or TimeoutException)
                {
                    return false;
                }
            },
            TimeSpan.FromSeconds(20),
            "the incident is in the hash again");
        return clock.Elapsed;
    }

    private static DateTimeOffset Now() => TimeProvider.System.GetUtcNow();
}
