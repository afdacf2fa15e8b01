using System.IO.Compression;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Exporters;

public sealed class OtlpSenderTests : IDisposable
{
    private static readonly byte[] s_request = ExporterBench.LogBatch(new string('x', 5000)).Payload;

    private readonly string _folder = Directory.CreateTempSubdirectory("stella-sender-").FullName;
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, OtlpCompression.Gzip, "gzip")]
    [InlineData(true, OtlpCompression.Zstd, "zstd")]
    [InlineData(false, OtlpCompression.Gzip, "gzip")]
    [InlineData(false, OtlpCompression.Zstd, "zstd")]
    public async Task Send_Compressed_SaysSoAndIsTheSame(bool grpc, OtlpCompression compression, string encoding)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        using var sender = New(ExporterBench.SettingsFor(sink, grpc) with { Compression = compression });

        for (var i = 0; i < 3; i++)
        {
            var result = await SendAsync(sender, s_request[..2000], s_request[2000..]);
            Assert.Equal((OtlpSendOutcome.Accepted, "ok"), (result.Outcome, result.Reason));
        }

        Assert.Equal(3, sink.Requests.Count);
        foreach (var request in sink.Requests)
        {
            Assert.Equal(encoding, request.Headers[grpc ? "grpc-encoding" : "Content-Encoding"]);
            Assert.True(request.Body.Length < 500);
            using var compressed = new MemoryStream(request.Body);
            using Stream stream = encoding == "gzip" ? new GZipStream(compressed, CompressionMode.Decompress) : new ZstdSharp.DecompressionStream(compressed);
            using var plain = new MemoryStream();
            await stream.CopyToAsync(plain, TestContext.Current.CancellationToken);
            Assert.Equal(s_request, plain.ToArray());
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_Headers_ArriveAndASecretIsReadAgainWhenItsFileChanges(bool grpc)
    {
        await using var sink = await OtlpSink.StartAsync(grpc);
        var secret = Path.Combine(_folder, "token");
        using var sender = New(ExporterBench.SettingsFor(sink, grpc) with
        {
            Headers = new TextMap(new Dictionary<string, string> { ["x-site"] = "north", ["x-scope-orgid"] = "forged" }),
            HeaderFiles = new TextMap(new Dictionary<string, string> { ["authorization"] = secret }),
        });

        Assert.Equal("credentials", (await SendAsync(sender, s_request)).Reason);
        foreach (var token in new[] { "Bearer first", "Bearer second" })
        {
            await File.WriteAllTextAsync(secret, token + "\n", TestContext.Current.CancellationToken);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.Equal("ok", (await SendAsync(sender, s_request)).Reason);
        }

        // Emptied by whoever writes it: what was good stays in use.
        await File.WriteAllTextAsync(secret, "", TestContext.Current.CancellationToken);
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("ok", (await SendAsync(sender, s_request)).Reason);
        Assert.Equal(["Bearer first", "Bearer second", "Bearer second"], sink.Requests.Select(r => r.Headers["authorization"]));
        Assert.All(sink.Requests, r => Assert.Equal(("north", "acme"), (r.Headers["x-site"], r.Tenant)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Send_Tls_TrustsTheNamedAuthorityAloneAndShowsItsOwnCertificate(bool grpc)
    {
        using var pki = new TestPki(Path.Combine(_folder, "a"));
        using var other = new TestPki(Path.Combine(_folder, "b"));
        pki.Create("store authority");
        other.Create("other authority");
        pki.WriteClient("gateway-1");
        using var server = pki.Server(dnsName: null);
        await using var sink = await OtlpSink.StartAsync(grpc, server, asksForCertificate: true);
        var settings = ExporterBench.SettingsFor(sink, grpc);

        using (var system = New(settings))
        {
            Assert.Equal((OtlpSendOutcome.Retryable, "tls"), Outcome(await SendAsync(system, s_request)));
        }

        using (var wrong = New(settings with { Tls = new TlsClientSettings(other.CaFile, pki.CertFile, pki.KeyFile, null) }))
        {
            Assert.Equal((OtlpSendOutcome.Retryable, "tls"), Outcome(await SendAsync(wrong, s_request)));
        }

        using (var anonymous = New(settings with { Tls = new TlsClientSettings(pki.CaFile, null, null, null) }))
        {
            Assert.Equal(OtlpSendOutcome.Retryable, (await SendAsync(anonymous, s_request)).Outcome);
        }

        Assert.Empty(sink.Requests);
        using var sender = New(settings with { Tls = new TlsClientSettings(pki.CaFile, pki.CertFile, pki.KeyFile, null) });
        Assert.Equal("ok", (await SendAsync(sender, s_request)).Reason);
        pki.WriteClient("gateway-2");
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("ok", (await SendAsync(sender, s_request)).Reason);
        Assert.Equal(["CN=gateway-1", "CN=gateway-2"], sink.Requests.Select(r => r.ClientCertificate));
    }

    [Fact]
    public async Task Send_ServerNameOverride_IsTheNameThatTheCertificateHasToBear()
    {
        using var pki = new TestPki(_folder);
        pki.Create("store authority");
        using var server = pki.Server("store.internal");
        await using var sink = await OtlpSink.StartAsync(grpc: true, server);
        var settings = ExporterBench.SettingsFor(sink, grpc: true);

        using var byAddress = New(settings with { Tls = new TlsClientSettings(pki.CaFile, null, null, null) });
        Assert.Equal("tls", (await SendAsync(byAddress, s_request)).Reason);

        using var byName = New(settings with { Tls = new TlsClientSettings(pki.CaFile, null, null, "store.internal") });
        Assert.Equal("ok", (await SendAsync(byName, s_request)).Reason);
    }

    [Fact]
    public async Task Send_PolicyForbidsTheStore_ConnectsNoMoreUntilItAllowsIt()
    {
        await using var sink = await OtlpSink.StartAsync(grpc: true);
        var dialer = new EgressDialer(EgressPolicy.Open, new LoopbackResolver(), null);
        using var sender = New(ExporterBench.SettingsFor(sink, grpc: true) with { Endpoint = new Uri($"http://store.internal:{sink.Url.Port}") }, dialer);
        Assert.Equal("ok", (await SendAsync(sender, s_request)).Reason);

        dialer.Policy = EgressPolicy.Sealed(["other.internal"]);
        var denied = await SendAsync(sender, s_request);
        Assert.Equal((OtlpSendOutcome.Retryable, "egress_denied"), Outcome(denied));
        Assert.True(denied.RetryAfter >= TimeSpan.FromSeconds(30));
        Assert.Single(sink.Requests);

        dialer.Policy = EgressPolicy.Sealed([$"store.internal:{sink.Url.Port}"]);
        Assert.Equal("ok", (await SendAsync(sender, s_request)).Reason);
    }

    [Fact]
    public async Task Send_NobodyThere_IsRetryable()
    {
        var settings = new OtlpExporterSettings("store", new Uri("http://127.0.0.1:9"), OtlpProtocol.Grpc, TextMap.Empty, null, TimeSpan.FromSeconds(5), TimeSpan.FromHours(1));
        using var sender = New(settings);
        Assert.Equal((OtlpSendOutcome.Retryable, "unreachable"), Outcome(await SendAsync(sender, s_request)));
    }

    private OtlpSender New(OtlpExporterSettings settings, EgressDialer? dialer = null) => new(settings, dialer ?? PipelineFixture.OpenDialer, _time, NullLogger.Instance);

    private static Task<OtlpSendResult> SendAsync(OtlpSender sender, params byte[][] pieces) =>
        sender.SendAsync(PipelineFixture.Acme, Signal.Logs, Array.ConvertAll(pieces, p => (ReadOnlyMemory<byte>)p), TestContext.Current.CancellationToken);

    private static (OtlpSendOutcome Outcome, string Reason) Outcome(OtlpSendResult result) => (result.Outcome, result.Reason);

    private sealed class LoopbackResolver : IHostResolver
    {
        public Task<System.Net.IPAddress[]> ResolveAsync(string name, CancellationToken cancellationToken) => Task.FromResult<System.Net.IPAddress[]>([System.Net.IPAddress.Loopback]);
    }
}
