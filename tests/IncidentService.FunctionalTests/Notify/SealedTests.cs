using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.DependencyInjection;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>A profile that seals the site.</summary>
public sealed class SealedTests : NotifyTest
{
    private readonly Resolver _resolver = new();

    [Fact]
    public async Task Host_NotOnTheAllowlist_IsADeadLetterAndNotResolved()
    {
        WriteProfile(isSealed: true, "hooks.allowed.test:1");
        Folder.Write("key", "R0UT1NGKEYR0UT1NGKEYR0UT1NGKEY12");
        Folder.WriteTargets(
            NotifyFolder.Hook("here", Receiver.Url),
            NotifyFolder.Hook("hook", "https://hooks.elsewhere.test/in"),
            "{ name: chat, slack: { url: 'http://chat.elsewhere.test' } }",
            "{ name: pager, pagerduty: { routing_key_file: key } }",
            "{ name: mail, smtp: { host: mail.elsewhere.test, from: a@b.example, to: [c@d.example] } }",
            "{ name: alerts, alertmanager: { url: 'http://192.0.2.7:9093' } }");
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var all = await client.SettledAsync(await client.StartAsync(), 6);

        Assert.Equal((NotificationState.Delivered, 1), all.Single(n => n.Target == "here") is var here ? (here.State, here.Attempts) : default);
        Assert.Equal(
            [
                "alerts: sealed: the allowlist does not name 192.0.2.7:9093",
                "chat: sealed: the allowlist does not name chat.elsewhere.test:80",
                "hook: sealed: the allowlist does not name hooks.elsewhere.test:443",
                "mail: sealed: the allowlist does not name mail.elsewhere.test:587",
                "pager: sealed: the allowlist does not name events.pagerduty.com:443",
            ],
            all.Where(n => n.State == NotificationState.Dead).Select(n => $"{n.Target}: {n.Reason}").Order());
        Assert.All(all, n => Assert.Equal(1, n.Attempts));
        Assert.Empty(_resolver.Asked);
    }

    [Fact]
    public async Task Profile_ChangedWhileRunning_IsFollowed()
    {
        WriteProfile(isSealed: true);
        Folder.WriteTargets(NotifyFolder.Hook("hook", "http://hooks.allowed.test:1/in").Replace("within: 2m", "within: 1ms", StringComparison.Ordinal));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);
        Assert.StartsWith("sealed: ", Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)).Reason, StringComparison.Ordinal);

        WriteProfile(isSealed: true, "hooks.allowed.test");
        await Eventually.HoldsAsync(
            async () => Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)).Reason?.StartsWith("given up", StringComparison.Ordinal) == true,
            NotifyClient.Patience,
            "the host is allowed");
        Assert.Equal(["hooks.allowed.test"], _resolver.Asked.Distinct());
    }

    [Fact]
    public async Task Profile_ThatCannotBeRead_StopsTheStart()
    {
        var settings = new Dictionary<string, string> { [KnownEnvironment.ProfilePath] = Folder.PathOf("none.yaml") };

        var failure = await Assert.ThrowsAsync<Microsoft.Extensions.Options.OptionsValidationException>(() => Fixture.StartServiceAsync(settings: settings));

        Assert.Contains($"Stella__Profile__Path '{Folder.PathOf("none.yaml")}' is no file", failure.Message, StringComparison.Ordinal);
    }

    private void WriteProfile(bool isSealed, params string[] allowlist)
    {
        var shipped = Path.Combine(Repository.Root, "profiles");
        Directory.CreateDirectory(Folder.PathOf("redaction"));
        Folder.Write("default.yaml", File.ReadAllText(Path.Combine(shipped, "default.yaml")));
        Folder.Write("redaction/baseline.yaml", File.ReadAllText(Path.Combine(shipped, "redaction", "baseline.yaml")));
        Folder.Write(
            "site.yaml",
            $$"""
            apiVersion: telemetry.stella-ops.org/v1
            kind: Profile
            metadata: { name: site }
            extends: default
            spec:
              durability: fsync
              sealed: { enabled: {{(isSealed ? "true" : "false")}}, allowlist: [{{string.Join(", ", allowlist.Select(a => $"'{a}'"))}}] }
            """);
    }

    private Task<Tests.Shared.Hosting.RunningService> StartServiceAsync()
    {
        var settings = new Dictionary<string, string>(Folder.Settings) { [KnownEnvironment.ProfilePath] = Folder.PathOf("site.yaml") };
        return Fixture.StartServiceAsync(settings: settings, configure: services => services.AddSingleton<IHostResolver>(_resolver));
    }

    /// <summary>Knows no name, and who was asked for.</summary>
    private sealed class Resolver : IHostResolver
    {
        public ConcurrentQueue<string> Asked { get; } = new();

        public Task<IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken)
        {
            Asked.Enqueue(name);
            return Task.FromResult<IPAddress[]>([]);
        }
    }
}
