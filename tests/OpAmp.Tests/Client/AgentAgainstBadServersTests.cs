using StellaOps.Telemetry.OpAmp.Client;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.OpAmp;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.Tests.Client;

/// <summary>The agent's half of the sections on limits, establishing and restoring connections, and throttling, against a server by hand.</summary>
public sealed class AgentAgainstBadServersTests : IDisposable
{
    private readonly WirePeer _peer = new();

    public void Dispose() => _peer.Dispose();

    [Fact]
    public async Task Message_AboveTheLimit_ClosesWithMessageTooBig()
    {
        await using var running = Start(RunningAgent.Options("ws") with { MaxMessageBytes = 1_000 });
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        await WirePeer.SendAsync(stream, WireClient.Binary, new byte[1_001]);

        var close = await WirePeer.ReadFrameAsync(stream);
        Assert.Equal((WireClient.Close, 1009), (close.Opcode, close.CloseStatus));
    }

    [Fact]
    public async Task Text_ClosesWithUnsupportedData()
    {
        await using var running = Start(RunningAgent.Options("ws"));
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        await WirePeer.SendAsync(stream, WireClient.Text, "{}"u8.ToArray());

        Assert.Equal(1003, (await WirePeer.ReadFrameAsync(stream)).CloseStatus);
    }

    /// <summary>A server's answer may be read before the write of our Close has returned.</summary>
    [Fact]
    public async Task Stop_AnsweredBeforeItsCloseIsThrough_ClosesOnce()
    {
        var through = new TaskCompletionSource();
        _peer.Written = bytes => (bytes.Span[0] & 0x8F) == (0x80 | WireClient.Close) ? through.Task : Task.CompletedTask;
        await using var running = Start(RunningAgent.Options("ws"));
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        var stopping = running.StopAsync();
        Assert.NotNull((await WirePeer.ReadAsync(stream)).AgentDisconnect);
        Assert.Equal(1000, (await WirePeer.ReadFrameAsync(stream)).CloseStatus);
        await WirePeer.SendAsync(stream, WireClient.Close, [0x03, 0xE8]);

        // For the answer to be read; that it is not yet could only hide a second Close.
        await Task.Delay(100, TestContext.Current.CancellationToken);
        through.SetResult();
        await stopping;
        Assert.Null(await WireFrame.ReadAsync(stream, TestContext.Current.CancellationToken));
    }

    /// <summary>Malformed, for another agent, a command that is not taken: the connection goes on.</summary>
    [Theory]
    [InlineData("01")]
    [InlineData("")]
    [InlineData("000A05")]
    [InlineData("000A10000000000000000000000000000000FF3001")]
    [InlineData("004A003001")]
    public async Task Message_NotForIt_IsIgnored(string hex)
    {
        await using var running = Start(RunningAgent.Options("ws"));
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        await WirePeer.SendAsync(stream, WireClient.Binary, Convert.FromHexString(hex));
        await WirePeer.SendAsync(stream, new ServerToAgent { Flags = (ulong)ServerToAgentFlags.ReportFullState });

        // Answered once: what was ignored had asked for the same.
        Assert.Equal(2ul, (await WirePeer.ReadAsync(stream)).SequenceNum);
        running.Agent.Report(new ComponentHealth { LastError = "after" });
        var next = await WirePeer.ReadAsync(stream);
        Assert.Equal((3ul, "after", (AgentDescription?)null), (next.SequenceNum, next.Health.LastError, next.AgentDescription));
    }

    [Fact]
    public async Task Offer_OfAnotherServer_IsNotFollowed()
    {
        await using var running = Start(RunningAgent.Options("ws"));
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        await WirePeer.SendAsync(stream, new ServerToAgent
        {
            ConnectionSettings = new ConnectionSettingsOffers { Opamp = new OpAMPConnectionSettings { DestinationEndpoint = "wss://evil.example/v1/opamp", HeartbeatIntervalSeconds = 7 } },
            Flags = (ulong)ServerToAgentFlags.ReportFullState,
        });

        Assert.Equal(2ul, (await WirePeer.ReadAsync(stream)).SequenceNum);
        await running.AdvanceUntilAsync(() => stream.CanRead && running.Time.GetUtcNow() - running.Time.Start > TimeSpan.FromSeconds(8), "a heartbeat is due");
        Assert.Equal(3ul, (await WirePeer.ReadAsync(stream)).SequenceNum);
    }

    [Theory]
    [InlineData("503 Service Unavailable", "Retry-After: 77\r\n", 77)]
    [InlineData("429 Too Many Requests", "Retry-After: 50\r\n", 50)]
    [InlineData("429 Too Many Requests", "", 30)]
    [InlineData("401 Unauthorized", "", 0)]
    public async Task Handshake_Refused_IsRepeatedAsToldOrWithBackoff(string status, string header, int seconds)
    {
        await using var running = Start(RunningAgent.Options("ws"));
        var (refused, _) = await _peer.AcceptAsync();
        await WirePeer.AnswerAsync(refused, $"HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n");

        var again = _peer.AcceptWebSocketAsync();
        await running.AdvanceUntilAsync(() => again.IsCompleted, "the agent comes back");

        using var stream = await again;
        Assert.InRange((running.Time.GetUtcNow() - running.Time.Start).TotalSeconds, seconds, (seconds * 1.5) + 30);
        Assert.NotNull((await WirePeer.ReadAsync(stream)).AgentDescription);
    }

    /// <summary>What is reported while there is no server is said when there is one, once and as it is then.</summary>
    [Fact]
    public async Task Reports_WhileNotConnected_AreOneMessageOnceItIs()
    {
        await using var running = Start(RunningAgent.Options("ws"));
        var (refused, _) = await _peer.AcceptAsync();
        for (var i = 0; i < 100; i++)
        {
            running.Agent.Report(new ComponentHealth { LastError = $"error {i}" });
        }

        await WirePeer.AnswerAsync(refused, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n");
        var again = _peer.AcceptWebSocketAsync();
        await running.AdvanceUntilAsync(() => again.IsCompleted, "the agent comes back");
        using var stream = await again;

        var first = await WirePeer.ReadAsync(stream);
        Assert.Equal((1ul, "error 99"), (first.SequenceNum, first.Health.LastError));
    }

    [Fact]
    public async Task Server_ThatDoesNotAnswer_IsLeft()
    {
        await using var running = Start(RunningAgent.Options("ws"));
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        var again = _peer.AcceptWebSocketAsync();
        await running.AdvanceUntilAsync(() => again.IsCompleted, "the agent connects anew");

        Assert.InRange(running.Time.GetUtcNow() - running.Time.Start, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(150));
        (await again).Dispose();
    }

    [Fact]
    public async Task Server_ThatCloses_IsAnsweredAndCalledAgainSoon()
    {
        await using var running = Start(RunningAgent.Options("ws"));
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);
        await WirePeer.SendAsync(stream, new ServerToAgent());
        await Eventually.HoldsAsync(() => running.Agent.IsConnected, RunningAgent.Patience, "the agent is connected");

        await WirePeer.SendAsync(stream, WireClient.Close, [0x03, 0xE9]);
        Assert.Equal(WireClient.Close, (await WirePeer.ReadFrameAsync(stream)).Opcode);
        var again = _peer.AcceptWebSocketAsync();
        await running.AdvanceUntilAsync(() => again.IsCompleted, "the agent connects anew");

        Assert.InRange(running.Time.GetUtcNow() - running.Time.Start, TimeSpan.Zero, TimeSpan.FromSeconds(20));
        (await again).Dispose();
    }

    [Fact]
    public async Task Own_AboveTheLimit_IsNotSent()
    {
        await using var running = Start(RunningAgent.Options("ws") with { MaxMessageBytes = 1_000 });
        using var stream = await _peer.AcceptWebSocketAsync();
        await WirePeer.ReadAsync(stream);

        running.Agent.Report(new EffectiveConfig { ConfigMap = TestAgents.Files(new string('x', 2_000)) });
        await running.AdvanceUntilAsync(() => running.Time.GetUtcNow() - running.Time.Start > TimeSpan.FromSeconds(35), "a heartbeat is due");

        var next = await WirePeer.ReadAsync(stream);
        Assert.Equal(TestAgents.Bare(TestAgents.Uid(1), next.SequenceNum), next);
    }

    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 3\r\n\r\n\x01\x02\x03")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 5000\r\n\r\n")]
    [InlineData("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://evil.example/\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("nonsense\r\n\r\n")]
    public async Task Answer_OverHttp_ThatIsNone_IsTriedAgainInFull(string answer)
    {
        await using var running = Start(RunningAgent.Options("http") with { MaxMessageBytes = 1_000 });
        var (stream, _) = await _peer.AcceptAsync();
        await WirePeer.AnswerAsync(stream, answer + (answer.Contains("5000", StringComparison.Ordinal) ? new string('x', 5_000) : ""));

        var again = NextAsync(stream);
        await running.AdvanceUntilAsync(() => again.IsCompleted, "the agent asks again");

        Assert.NotNull((await again).AgentDescription);
        Assert.False(running.Agent.IsConnected);
    }

    /// <summary>The next request, on the same connection or, where that was ended, on another.</summary>
    private async Task<AgentToServer> NextAsync(DuplexStream first)
    {
        var same = new ExchangeReader(first, 1, isFromClient: true).NextAsync(TestContext.Current.CancellationToken);
        var other = _peer.AcceptRequestAsync();
        await Task.WhenAny(same, other);
        var unit = same is { IsCompletedSuccessfully: true } && await same is { } again ? again : await other;
        return AgentToServer.Parser.ParseFrom(unit!.Body());
    }

    private RunningAgent Start(OpAmpAgentOptions options) => RunningAgent.Start(_peer.Http, options with { FarewellTimeout = TimeSpan.FromMilliseconds(50) });
}
