using System.Globalization;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>Several processes over one database, and one of them killed.</summary>
public sealed class ReplicaTests : NotifyTest
{
    [Fact]
    public async Task Replicas_ShareTheWork_EachEventArrivesOnceInOrder()
    {
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var one = await StartServiceAsync();
        var two = await StartServiceAsync();
        await StartServiceAsync();
        using var client = Fixture.Responder(one);
        using var other = Fixture.Responder(two);

        var incidents = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => (i % 2 == 0 ? client : other).StartAsync()));
        await Task.WhenAll(incidents.Select(i => client.AcknowledgeAsync(i.Id)));
        await Task.WhenAll(incidents.Select(i => other.StopAsync(i.Id)));
        foreach (var incident in incidents)
        {
            Assert.All(await client.SettledAsync(incident, 3), n => Assert.Equal((NotificationState.Delivered, 1), (n.State, n.Attempts)));
        }

        var ids = Receiver.All("webhook-id");
        Assert.Equal(60, ids.Count);
        foreach (var incident in incidents)
        {
            Assert.Equal([$"{incident.Id}-1-start", $"{incident.Id}-2-acknowledge", $"{incident.Id}-4-close"], ids.Where(i => i.StartsWith(incident.Id, StringComparison.Ordinal)));
        }
    }

    [Fact]
    public async Task Process_KilledWhileSending_AnotherSendsTheSameIdAndNothingIsLost()
    {
        var release = new TaskCompletionSource();
        Receiver.Answer = (http, number) => number == 1 ? Task.WhenAny(release.Task, Task.Delay(Timeout.Infinite, http.RequestAborted)) : Task.CompletedTask;
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url).Replace("timeout: 10s", "timeout: 3s", StringComparison.Ordinal));
        var port = FreePort.Next();
        var environment = Fixture.Environment().Concat(Folder.Settings).ToDictionary(e => e.Key, e => e.Value);
        environment[KnownEnvironment.AspNetCoreUrls] = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
        string incident;
        await using (var process = SupervisedProcess.Start("TERM", ["dotnet", Repository.ServiceAssembly("StellaOps.Telemetry.IncidentService")], environment))
        {
            using var first = new HttpClient { BaseAddress = new Uri(environment[KnownEnvironment.AspNetCoreUrls]) };
            first.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Fixture.Issuer.Mint("rita", "*", [.. KnownScopes.Roles["responder"]]));
            await Eventually.HoldsAsync(() => IsUpAsync(first), TimeSpan.FromSeconds(60), $"the process is up. It wrote: {process.Output}");
            incident = (await first.StartAsync()).Id;
            await Eventually.HoldsAsync(() => !Receiver.Received.IsEmpty, NotifyClient.Patience, "the receiver has it in its hands");
            await first.AcknowledgeAsync(incident);
            await process.KillAsync();
        }

        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);
        await client.StopAsync(incident);
        var all = await client.SettledAsync(incident, 3);
        release.SetResult();

        Assert.All(all, n => Assert.Equal(NotificationState.Delivered, n.State));
        Assert.Equal([2, 1, 1], all.Select(n => n.Attempts));
        Assert.Equal([$"{incident}-1-start", $"{incident}-1-start", $"{incident}-2-acknowledge", $"{incident}-4-close"], Receiver.All("webhook-id"));
        Assert.Equal(Receiver.Received.First().Body, Receiver.Received.ElementAt(1).Body);
    }

    [Fact]
    public async Task Service_Stopped_LeavesWhatItSendsToTheNextAtOnce()
    {
        Receiver.Answer = (http, number) => number == 1 ? Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default) : Task.CompletedTask;
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url).Replace("timeout: 10s", "timeout: 60s", StringComparison.Ordinal));
        var first = await StartServiceAsync();
        string incident;
        using (var client = Fixture.Responder(first))
        {
            incident = (await client.StartAsync()).Id;
            await Eventually.HoldsAsync(() => !Receiver.Received.IsEmpty, NotifyClient.Patience, "the receiver has it in its hands");
        }

        await first.App.StopAsync();
        var second = await StartServiceAsync();
        using var next = Fixture.Responder(second);

        Assert.Equal((NotificationState.Delivered, 2), Assert.Single(await next.SettledAsync(incident, 1)) is var one ? (one.State, one.Attempts) : default);
        Assert.Single(Receiver.All("webhook-id").Distinct());
    }

    private static async Task<bool> IsUpAsync(HttpClient client)
    {
        try
        {
            return (await client.GetAsync("/health")).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
