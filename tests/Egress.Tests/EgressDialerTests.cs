using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using StellaOps.Telemetry.Egress.Tests.TestServices;

namespace StellaOps.Telemetry.Egress.Tests;

public sealed class EgressDialerTests : IDisposable
{
    private static readonly string[] s_allowlist = ["tempo.internal", "*.corp.example:4317", "10.1.0.0/16"];

    private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0);
    private readonly CountingResolver _resolver = new();

    public EgressDialerTests()
    {
        _listener.Server.DualMode = true;
        _listener.Start();
    }

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    /// <summary>Each of them would reach the listener, whatever it looks like.</summary>
    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("0")]
    [InlineData("0x0")]
    [InlineData("[::]")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("unlisted.internal")]
    [InlineData("tempo.internal.evil.example")]
    [InlineData("corp.example")]
    public async Task ConnectAsync_Unlisted_IsDeniedUnresolvedAndUnconnected(string host)
    {
        foreach (var name in new[] { "unlisted.internal", "tempo.internal.evil.example", "corp.example" })
        {
            _resolver.With(name, "127.0.0.1");
        }

        var dialer = new EgressDialer(EgressPolicy.Sealed(s_allowlist), _resolver, null);

        await Assert.ThrowsAsync<EgressDeniedException>(() => dialer.ConnectAsync(host, Port, TestContext.Current.CancellationToken));

        Assert.Empty(_resolver.Asked);
        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task ConnectAsync_OwnAddressThatIsNotListed_IsDenied()
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        // Sends nothing: it asks which of the machine's addresses would be used.
        await probe.ConnectAsync(new IPEndPoint(IPAddress.Parse("192.0.2.1"), 9), TestContext.Current.CancellationToken);
        var own = ((IPEndPoint)probe.LocalEndPoint!).Address.ToString();
        var dialer = new EgressDialer(EgressPolicy.Sealed(s_allowlist), _resolver, null);

        await Assert.ThrowsAsync<EgressDeniedException>(() => dialer.ConnectAsync(own, Port, TestContext.Current.CancellationToken));

        Assert.False(_listener.Pending());
        dialer.Policy = EgressPolicy.Sealed([own]);
        using var socket = await dialer.ConnectAsync(own, Port, TestContext.Current.CancellationToken);
        Assert.True(socket.Connected);
    }

    [Fact]
    public async Task ConnectAsync_ListedName_IsResolvedOnceAndThatAddressIsConnectedTo()
    {
        _resolver.With("tempo.internal", "127.0.0.1").With("tempo.internal", "192.0.2.1");
        var dialer = new EgressDialer(EgressPolicy.Sealed(s_allowlist), _resolver, null);

        using var socket = await dialer.ConnectAsync("Tempo.Internal.", Port, TestContext.Current.CancellationToken);

        Assert.Equal(["tempo.internal"], _resolver.Asked);
        Assert.Equal(new IPEndPoint(IPAddress.Loopback, Port), socket.RemoteEndPoint);
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("::")]
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("169.254.169.254")]
    [InlineData("fe80::1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public async Task ConnectAsync_ListedNameThatPointsToNoServer_IsDenied(string address)
    {
        _resolver.With("tempo.internal", address);
        var dialer = new EgressDialer(EgressPolicy.Sealed(s_allowlist), _resolver, null);

        var denied = await Assert.ThrowsAsync<EgressDeniedException>(() => dialer.ConnectAsync("tempo.internal", Port, TestContext.Current.CancellationToken));

        Assert.Contains("tempo.internal", denied.Host, StringComparison.Ordinal);
        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task ConnectAsync_FirstAddressIsNotThere_TakesTheNext()
    {
        using var closed = new TcpListener(IPAddress.Loopback, 0);
        _resolver.With("tempo.internal", "127.0.0.9", "127.0.0.1");
        using var only = new TcpListener(IPAddress.Loopback, 0);
        only.Start();
        var port = ((IPEndPoint)only.LocalEndpoint).Port;
        var dialer = new EgressDialer(EgressPolicy.Sealed(s_allowlist), _resolver, null);

        using var socket = await dialer.ConnectAsync("tempo.internal", port, TestContext.Current.CancellationToken);

        Assert.Equal(new IPEndPoint(IPAddress.Loopback, port), socket.RemoteEndPoint);
    }

    [Fact]
    public async Task ConnectAsync_LocalhostWhenSealed_IsAskedOfNobody()
    {
        _resolver.With("localhost", "192.0.2.1");
        var dialer = new EgressDialer(EgressPolicy.Sealed([]), _resolver, null);

        using var socket = await dialer.ConnectAsync("localhost", Port, TestContext.Current.CancellationToken);

        Assert.Empty(_resolver.Asked);
    }

    [Fact]
    public async Task ConnectAsync_HostileNames_NeverConnectAndNeverResolve()
    {
        var random = new Random(20260308);
        var policy = EgressPolicy.Sealed(s_allowlist);
        var dialer = new EgressDialer(policy, _resolver, null);
        var denied = 0;
        for (var i = 0; i < 5000; i++)
        {
            var host = Hostile(random);
            if (host is null)
            {
                continue;
            }

            var e = await Record.ExceptionAsync(() => dialer.ConnectAsync(host, Port, TestContext.Current.CancellationToken));
            Assert.True(e is EgressDeniedException, $"'{host}': {e?.Message ?? "connected"}");
            denied++;
        }

        Assert.True(denied > 4000, $"only {denied} names were hostile");
        Assert.Empty(_resolver.Asked);
        Assert.False(_listener.Pending());
    }

    [Fact]
    public async Task Handler_RedirectsAndUnlistedHosts_GoNowhere()
    {
        var dialer = new EgressDialer(EgressPolicy.Sealed([]), _resolver, null);
        using var handler = dialer.CreateHandler();
        using var client = new HttpClient(handler);

        var e = await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(new Uri($"http://unlisted.internal:{Port}/"), TestContext.Current.CancellationToken));

        Assert.Equal($"unlisted.internal:{Port}", EgressDeniedException.In(e)?.Host);
        Assert.Equal((false, false), (handler.AllowAutoRedirect, handler.UseProxy));
        Assert.Empty(_resolver.Asked);
    }

    [Fact]
    public async Task OnDenied_ManyHosts_MakesFewLabels()
    {
        using var meters = new TestMeterFactory();
        var dialer = new EgressDialer(EgressPolicy.Sealed([]), _resolver, new EgressInstruments(meters));
        var hosts = new Dictionary<string, long>();
        using var listener = new MeterListener { InstrumentPublished = (i, l) => { if (i.Name == "telemetry.egress.denied") { l.EnableMeasurementEvents(i); } } };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            var host = (string)tags[0].Value!;
            hosts[host] = hosts.GetValueOrDefault(host) + value;
        });
        listener.Start();

        for (var i = 0; i < 200; i++)
        {
            await Assert.ThrowsAsync<EgressDeniedException>(() => dialer.ConnectAsync($"host-{i % 100}.example", Port, TestContext.Current.CancellationToken));
        }

        Assert.Equal((51, 2, 100), (hosts.Count, hosts["host-0.example"], hosts["other"]));
    }

    /// <summary>A host near to what is listed, or to an address that reaches the listener, and not it; null when chance made it one.</summary>
    private static string? Hostile(Random random)
    {
        switch (random.Next(4))
        {
            case 0:
                // Any address outside loopback and the listed network, spelled in some way.
                var number = (uint)random.NextInt64(1L << 32);
                return number >> 24 == 127 || number >> 16 == 0x0A01 ? null : EgressTargetTests.Notation(random, number);
            case 1:
                return EgressTargetTests.Notation(random, 0);
            case 2:
                var name = "tempo.internal";
                var at = random.Next(name.Length + 1);
                var hostile = name.Insert(at, random.Next(7) switch { 0 => "x", 1 => "-", 2 => "..", 3 => "\u0131", 4 => "%2e", 5 => "@", _ => "x." });
                return hostile is "tempo.internal" or "tempo.internal." ? null : hostile;
            default:
                return random.Next(4) switch { 0 => "corp.example", 1 => "evilcorp.example", 2 => "a.corp.example.evil.example", _ => "a.corp.example" };
        }
    }
}
