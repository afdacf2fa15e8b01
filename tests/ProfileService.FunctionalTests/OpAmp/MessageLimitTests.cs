using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;
using Google.Protobuf;
using StellaOps.Telemetry.Contracts.Profiles;
using StellaOps.Telemetry.Contracts.Rollouts;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.OpAmp;

/// <summary>How much an agent may say at once, and how much it may be told.</summary>
public sealed class MessageLimitTests(ProfileServiceFixture fixture) : IClassFixture<ProfileServiceFixture>
{
    private const int Limit = 4 << 20;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task WebSocket_AboveTheLimit_EndsItsConnectionAndNoOther()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Authorization", $"Bearer {fixture.AgentToken}");
        await socket.ConnectAsync(new UriBuilder(new Uri(fixture.Service.Url, KnownOpAmp.Path)) { Scheme = "ws" }.Uri, Token);

        await socket.SendAsync((byte[])[0, .. OfBytes(Limit - 1)], WebSocketMessageType.Binary, endOfMessage: true, Token);
        var buffer = new byte[64 << 10];
        var answer = await socket.ReceiveAsync(buffer.AsMemory(), Token);
        Assert.Null(ServerToAgent.Parser.ParseFrom(buffer.AsSpan(1, answer.Count - 1)).ErrorResponse);

        await socket.SendAsync((byte[])[0, .. OfBytes(Limit)], WebSocketMessageType.Binary, endOfMessage: true, Token);
        Assert.Equal(WebSocketMessageType.Close, (await socket.ReceiveAsync(buffer.AsMemory(), Token)).MessageType);
        Assert.Equal((WebSocketCloseStatus.MessageTooBig, $"a message is above the limit of {Limit} bytes"), (socket.CloseStatus, socket.CloseStatusDescription));

        Assert.True(fleet.Agents[0].IsConnected);
        var profile = ProfileVersions.NewName();
        await fleet.PublishAsync(profile, 1);
        await fleet.DeployAsync(profile, 1);
        Assert.Single(fleet.Agents[0].Offers);
        Assert.Equal(1, fleet.Agents[0].Connections);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Http_AboveTheLimit_IsRefused(bool isCompressed)
    {
        using var agent = fixture.Service.Client(fixture.AgentToken);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync(agent, OfBytes(Limit), isCompressed)).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await PostAsync(agent, OfBytes(Limit + 1), isCompressed)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync(agent, OfBytes(1_000), isCompressed)).StatusCode);
    }

    /// <summary>A deployment may be larger than anything that an agent may say.</summary>
    [Fact]
    public async Task Offer_OfTheLongestClosure_IsSent()
    {
        await using var fleet = new FleetUnderTest(fixture, fixture.Service.Url);
        await fleet.JoinAsync(1);
        var closure = Longest();
        await fleet.Client.PublishAsync(closure.Profile, new PublishProfileRequest(closure.ToBytes(), fleet.Signed.Version(closure)), null, Token);

        var rollout = await fleet.StartAsync(closure.Profile, 1, soakSeconds: 0);
        await fleet.EndsAsync(rollout.Id, RolloutState.Completed);

        Assert.True(fleet.Agents[0].LastFiles.Values.Sum(f => f.Length) > Limit);
    }

    /// <summary>As long as a closure may be but for some bytes: the profile inherits from others that say little at great length.</summary>
    private static ProfileClosure Longest()
    {
        const int Parents = 4;
        var model = ProfileVersions.Closure(ProfileVersions.NewName(), 1);
        var child = model.Documents.Single(d => d.Path == $"{model.Profile}.yaml");
        var heir = child with { Text = child.Text.Replace("\nspec:\n", "\nextends: talk-0\nspec:\n", StringComparison.Ordinal) };
        return With((ProfileClosure.MaxBytes - With(0).ToBytes().Length) / Parents);

        ProfileClosure With(int comment) => SignedProfiles.Closure(
            model.Profile, 1, null, [heir, .. model.Documents.Where(d => d != child), .. Enumerable.Range(0, Parents).Select(i => Parent(i, comment))]);

        static ProfileDocument Parent(int number, int comment) => new(
            $"talk-{number}.yaml",
            $"#{new string('x', comment)}\napiVersion: telemetry.stella-ops.org/v1\nkind: Profile\nmetadata: {{ name: talk-{number} }}\n"
            + (number + 1 < Parents ? $"extends: talk-{number + 1}\n" : "") + "spec: { durability: write }\n");
    }

    private static Task<HttpResponseMessage> PostAsync(HttpClient agent, byte[] message, bool isCompressed)
    {
        var content = new ByteArrayContent(Compressed.With(isCompressed ? "gzip" : "identity", message));
        content.Headers.ContentType = new MediaTypeHeaderValue(KnownOpAmp.ContentType);
        if (isCompressed)
        {
            content.Headers.ContentEncoding.Add("gzip");
        }

        // The refusal comes before the body is read: it has to be heard before the body is sent, or the connection's end may come first.
        var request = new HttpRequestMessage(HttpMethod.Post, KnownOpAmp.Path) { Content = content, Headers = { ExpectContinue = true } };
        return agent.SendAsync(request, Token);
    }

    /// <summary>A message of so many bytes, by an agent of its own.</summary>
    private static byte[] OfBytes(int bytes)
    {
        var message = TestAgents.Full(InstanceUid.New(TimeProvider.System.GetUtcNow()), 1);
        message.CustomMessage = new CustomMessage { Data = ByteString.CopyFrom(new byte[bytes]) };
        message.CustomMessage.Data = ByteString.CopyFrom(new byte[bytes - (message.CalculateSize() - bytes)]);
        if (message.CalculateSize() is var size && size != bytes)
        {
            // Another length of the length's own bytes.
            message.CustomMessage.Data = ByteString.CopyFrom(new byte[message.CustomMessage.Data.Length + bytes - size]);
        }

        Assert.Equal(bytes, message.CalculateSize());
        return message.ToByteArray();
    }
}
