using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks.TestServices;
using StellaOps.Telemetry.IncidentService.Hooks.Rules;
using StellaOps.Telemetry.Tests.Shared.Hosting;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Hooks;

/// <summary>The document at the start, and while the service runs.</summary>
public sealed class HooksDocumentTests : HookTest
{
    private static readonly TimeSpan s_soon = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task None_HooksSayHowToOpenThem()
    {
        var service = await Fixture.StartServiceAsync();
        using var client = Fixture.Responder(service);

        var problem = await ProblemAssert.IsAsync(HttpStatusCode.NotFound, KnownProblems.NotFound, await client.PostAlertsAsync(Alerts.Firing("alertname=Slow")));
        Assert.Contains(KnownEnvironment.HooksFile, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        await ProblemAssert.IsAsync(
            HttpStatusCode.NotFound, KnownProblems.NotFound, await new OrchestratorSender(client, new byte[32]).StructuredAsync("started", OrchestratorSender.Data("a")));
    }

    [Fact]
    public async Task Start_Faults_StopItAndAreNamed()
    {
        await IsFaultAsync("'" + Folder.Document + "' cannot be read");
        Folder.WriteRules("{ name: a, source: alertmanager, services: [], ttl: forever }");
        await IsFaultAsync("spec.rules[0].ttl: 'forever' is not allowed here");
        Folder.WriteDocument(["{ name: o, tenants: [shop], secret_files: [none] }"], []);
        await IsFaultAsync($"orchestrator 'o': secret_files: '{Folder.PathOf("none")}' is not there");
        Folder.Write("none", "hunter2");
        Assert.DoesNotContain("hunter2", await IsFaultAsync("holds no key of a webhook"), StringComparison.Ordinal);
        Folder.WriteSecret("none");
        Folder.WriteDocument(["{ name: o, tenants: [shop], secret_files: [none] }", "{ name: p, tenants: [shop], secret_files: [none] }"], []);
        await IsFaultAsync("orchestrators 'o' and 'p' share a secret");
    }

    [Fact]
    public async Task Change_Good_IsTakenOver()
    {
        var old = Folder.WriteSecret("secret");
        Folder.WriteDocument([$"{{ name: main, tenants: [{Tenant}], secret_files: [secret] }}"], ["{ name: one, source: orchestrator, labels: { x: y } }"]);
        var service = await StartAsync();
        using var client = service.Client();
        var sender = new OrchestratorSender(client, old);
        Assert.Equal("0 0 0 0 1", await OutcomeAsync(sender.StructuredAsync("started", OrchestratorSender.Data("a"))));

        Folder.WriteDocument([$"{{ name: main, tenants: [{Tenant}], secret_files: [secret] }}"], ["{ name: two, source: orchestrator }"]);
        await Eventually.HoldsAsync(async () => await OutcomeAsync(sender.StructuredAsync("started", OrchestratorSender.Data("a"))) == "1 0 0 0 0", s_soon, "the new rule is asked");

        // A secret that was replaced in its file is the one that is good.
        var changed = new OrchestratorSender(client, Folder.WriteSecret("secret"));
        await Eventually.HoldsAsync(
            async () => (await changed.StructuredAsync("extended", OrchestratorSender.Data("a"))).StatusCode == HttpStatusCode.OK, s_soon, "the new secret is good");
        Assert.Equal(HttpStatusCode.Unauthorized, (await sender.StructuredAsync("extended", OrchestratorSender.Data("a"))).StatusCode);
    }

    [Fact]
    public async Task Change_Broken_KeepsTheOldAndIsLoggedOnce()
    {
        Folder.WriteRules("{ name: one, source: alertmanager, services: [] }");
        var file = new HooksFile(Folder.Document);
        var state = new HooksState(file.Read());
        var logger = new LogLines();
        using var watcher = new HooksWatcher(file, state, TimeProvider.System, logger);
        await watcher.StartAsync(CancellationToken.None);

        Folder.WriteRules("{ name: two, source: pager }");
        await Eventually.HoldsAsync(() => logger.Ids.Contains(EventIds.HooksRefused), s_soon, "it is logged");
        Folder.WriteRules("{ name: three, source: alertmanager, services: [] }");
        await Eventually.HoldsAsync(() => state.Current!.Rules[0].Name == "three", s_soon, "what is good is taken over");
        File.Delete(Folder.Document);
        await Eventually.HoldsAsync(() => logger.Ids.Count(i => i == EventIds.HooksRefused) == 2, s_soon, "that it is gone is logged");
        Assert.Equal("three", state.Current!.Rules[0].Name);
        await watcher.StopAsync(CancellationToken.None);

        Assert.Equal([EventIds.HooksInForce, EventIds.HooksRefused, EventIds.HooksInForce, EventIds.HooksRefused], logger.Ids);
    }

    private async Task<string> IsFaultAsync(string expected)
    {
        var fault = (await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync())).Message;
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.Contains(KnownEnvironment.HooksFile, fault, StringComparison.Ordinal);
        return fault;
    }

    private sealed class LogLines : ILogger<HooksWatcher>
    {
        public ConcurrentQueue<int> Ids { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Ids.Enqueue(eventId.Id);
    }
}
