using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.IncidentService.FunctionalTests.Notify.TestServices;

namespace StellaOps.Telemetry.IncidentService.FunctionalTests.Notify;

/// <summary>Receivers that fail, hang and lie.</summary>
public sealed class RetryTests : NotifyTest
{
    [Fact]
    public async Task Receiver_FailsThenRecovers_GetsAllInOrderWithTheSameIds()
    {
        Receiver.Answer = (http, number) => HookReceiver.StatusAsync(http, number <= 3 ? 500 : 200, "not now");
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync();
        await client.AcknowledgeAsync(incident.Id);
        await client.StopAsync(incident.Id);
        var all = await client.SettledAsync(incident, 3);

        Assert.Equal([4, 1, 1], all.Select(n => n.Attempts));
        string first = $"{incident.Id}-1-start";
        Assert.Equal([first, first, first, first, $"{incident.Id}-2-acknowledge", $"{incident.Id}-4-close"], Receiver.All("webhook-id"));
        Assert.Single(Receiver.Received.Take(4).Select(r => r.Body).Distinct());
    }

    [Fact]
    public async Task Receiver_Hangs_IsGivenUpAtItsTimeoutAndHoldsUpNobodyElse()
    {
        Receiver.Answer = async (http, number) =>
        {
            if (http.Request.Path == "/slow" && Receiver.Received.Count(r => r.Path == "/slow") == 1)
            {
                await Task.Delay(Timeout.Infinite, http.RequestAborted).ContinueWith(_ => { }, TaskScheduler.Default);
            }
        };
        Folder.WriteTargets(NotifyFolder.Hook("slow", $"{Receiver.Url}/slow").Replace("timeout: 10s", "timeout: 1s", StringComparison.Ordinal), NotifyFolder.Hook("quick", $"{Receiver.Url}/quick"));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var all = await client.SettledAsync(await client.StartAsync(), 2);

        Assert.Equal([("quick", 1), ("slow", 2)], all.OrderBy(n => n.Target).Select(n => (n.Target, n.Attempts)));
        Assert.True(all.Single(n => n.Target == "quick").EndedAt < all.Single(n => n.Target == "slow").EndedAt);
        Assert.Single(Receiver.All("webhook-id").Distinct());
    }

    [Fact]
    public async Task Receiver_AsksForRetryAfter_IsLeftAloneThatLong()
    {
        Receiver.Answer = (http, number) => number == 1 ? HookReceiver.StatusAsync(http, 429, "", ("Retry-After", "3")) : HookReceiver.StatusAsync(http, 200);
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        await client.SettledAsync(await client.StartAsync(), 1);

        var times = Receiver.Received.Select(r => r.At).ToList();
        Assert.True(times[1] - times[0] >= TimeSpan.FromSeconds(3), $"again after {times[1] - times[0]}");
    }

    [Fact]
    public async Task Receiver_Redirects_IsNotFollowed()
    {
        Receiver.Answer = (http, number) => HookReceiver.StatusAsync(http, 302, "", ("Location", "/elsewhere"));
        Folder.WriteTargets(NotifyFolder.Hook("hook", $"{Receiver.Url}/in"));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var dead = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));

        Assert.Equal((NotificationState.Dead, "answered 302: redirects are not followed, name the place itself"), (dead.State, dead.Reason));
        Assert.Equal(["/in"], Receiver.Received.Select(r => r.Path));
    }

    [Fact]
    public async Task Receiver_DropsBeforeItsStatus_GetsTheSameIdAgain()
    {
        Receiver.Answer = (http, number) =>
        {
            if (number == 1)
            {
                http.Features.Get<IConnectionSocketFeature>()!.Socket.Close(0);
            }

            return Task.CompletedTask;
        };
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        Assert.Equal(2, Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)).Attempts);
        Assert.Single(Receiver.All("webhook-id").Distinct());
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task Receiver_AnswersWithoutEnd_IsReadToABound(int status)
    {
        Receiver.Answer = async (http, _) =>
        {
            http.Response.StatusCode = status;
            var chunk = new byte[64 * 1024];
            chunk.AsSpan().Fill((byte)'x');
            while (!http.RequestAborted.IsCancellationRequested)
            {
                await http.Response.Body.WriteAsync(chunk);
            }
        };
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var one = Assert.Single(await client.SettledAsync(await client.StartAsync(), 1));

        // Whoever reads on runs out of time, and that is no end.
        Assert.Equal((status == 200 ? NotificationState.Delivered : NotificationState.Dead, 1), (one.State, one.Attempts));
        Assert.True((one.Reason?.Length ?? 0) <= 500);
    }

    [Fact]
    public async Task Receiver_SaysYesThenDrops_HasIt()
    {
        Receiver.Answer = async (http, _) =>
        {
            // Past the server, which would send it when it likes.
            var socket = http.Features.Get<IConnectionSocketFeature>()!.Socket;
            await socket.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<html>"u8.ToArray());
            socket.Shutdown(SocketShutdown.Both);
        };
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        Assert.Equal((NotificationState.Delivered, 1), Assert.Single(await client.SettledAsync(await client.StartAsync(), 1)) is var one ? (one.State, one.Attempts) : default);
        Assert.Single(Receiver.Received);
    }

    [Fact]
    public async Task Receiver_FailsForLongerThanThePolicy_IsADeadLetterAndTheNextEventGoesOn()
    {
        Receiver.Answer = (http, _) => HookReceiver.StatusAsync(http, http.Request.Headers["webhook-id"].ToString().EndsWith("start", StringComparison.Ordinal) ? 503 : 200, "down");
        Folder.WriteTargets(NotifyFolder.Hook("hook", Receiver.Url).Replace("within: 2m", "within: 2s", StringComparison.Ordinal));
        var service = await StartServiceAsync();
        using var client = Fixture.Responder(service);

        var incident = await client.StartAsync();
        await client.StopAsync(incident.Id);
        var all = await client.SettledAsync(incident, 2);

        Assert.Equal([NotificationState.Dead, NotificationState.Delivered], all.Select(n => n.State));
        Assert.Matches("^given up after [0-9]+ attempts: answered 503: down$", all[0].Reason);
        Assert.True(all[0].Attempts > 1);
    }
}
