using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>The document of targets, at the start and while the service runs.</summary>
public sealed class TargetsReloadTests : NotifyTest
{
    [Theory]
    [InlineData("{ name: a, webhook: { url: 'https://h.example', secret_files: [none] } }", "/none' is not there; write it, or name another file")]
    [InlineData("{ name: a, webhook: { url: 'https://h.example', secret_files: [notify.yaml] } }", "/notify.yaml' holds no secret: one line of ASCII, at most 4096 bytes; write it, or name another file")]
    [InlineData("{ name: a, webhook: { url: 'https://h.example', secret_files: [weak] } }", "/weak' holds no key of a webhook: 'whsec_' and 24 to 64 bytes in base64; write it, or name another file")]
    [InlineData("{ name: a, slack: { url_file: weak } }", "/weak' holds no URL of http or https; write it, or name another file")]
    [InlineData("{ name: a, slack: { url: 'https://h.example', ca_file: weak } }", "/weak' holds no certificate in PEM; write it, or name another file")]
    [InlineData("{ name: a, slack: { url: 'https://h.example' }, titel: x }", "/notify.yaml:6:55: spec.targets[0].titel: unknown key; did you mean 'title'?")]
    public async Task Fault_StopsTheStart(string target, string fault)
    {
        Folder.Write("weak", "whsec_c2hvcnQ=");
        Folder.WriteTargets(target);

        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartServiceAsync());

        var said = Assert.Single(failure.Failures);
        Assert.StartsWith("Stella__Notify__File: ", said, StringComparison.Ordinal);
        Assert.EndsWith(fault, said, StringComparison.Ordinal);
        Assert.DoesNotContain("c2hvcnQ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task File_NotThere_StopsTheStart()
    {
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => StartServiceAsync());
        Assert.Equal($"Stella__Notify__File '{Folder.File}' cannot be read: name a document of kind Notifications, such as profiles/incident/notify.yaml", Assert.Single(failure.Failures));
    }

    [Fact]
    public async Task File_Changed_IsTakenWhenGood_AndRefusedOnceWhenNot()
    {
        var log = new Log();
        Folder.WriteTargets(NotifyFolder.Hook("hook", $"{Receiver.Url}/old"));
        var service = await Fixture.StartServiceAsync(settings: Folder.Settings, configure: services => services.AddSingleton<ILoggerProvider>(log));
        using var client = Fixture.Responder(service);
        await client.SettledAsync(await client.StartAsync(), 1);

        Folder.WriteTargets("{ name: hook }");
        await Eventually.HoldsAsync(() => log.Count(EventIds.NotifyTargetsRefused) == 1, NotifyClient.Patience, "the change is refused");
        await client.SettledAsync(await client.StartAsync(), 1);
        Assert.Equal(["/old", "/old"], Receiver.Received.Select(r => r.Path));

        Folder.WriteTargets(NotifyFolder.Hook("hook", $"{Receiver.Url}/new"));
        await Eventually.HoldsAsync(() => log.Count(EventIds.NotifyTargetsInForce) == 2, NotifyClient.Patience, "the change is taken");
        await client.SettledAsync(await client.StartAsync(), 1);
        Assert.Equal("/new", Receiver.Received.Last().Path);
        Assert.Equal(1, log.Count(EventIds.NotifyTargetsRefused));
    }

    /// <summary>Counts events by id.</summary>
    private sealed class Log : ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<int> _ids = new();

        public int Count(int id) => _ids.Count(i => i == id);

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose()
        {
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => _ids.Enqueue(eventId.Id);
    }
}
