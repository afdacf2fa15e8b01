using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;
using StellaOps.Telemetry.IngestGateway.Identity;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.Isolation;

/// <summary>
/// Whatever a sender writes, it is refused, or logged under the tenant that its credential is of. Judged by the envelopes on the disk: the
/// gateway is stopped, and its log read again from its files.
/// </summary>
public sealed class IsolationTests(ITestOutputHelper output)
{
    private const int Attempts = 600;

    [Theory]
    [InlineData(20260301)]
    public async Task Send_AnythingAgainstAnotherTenant_IsRefusedOrLoggedUnderTheSendersOwn(int seed)
    {
        using var files = new TlsFolder();
        await using var gateway = new GatewayUnderTest { IsWhole = true, IsTls = true };
        await gateway.StartKnownAsync(null, files.Profile("optional"));
        var random = new Random(seed);
        var impostor = new Impostor(gateway, files, random);
        await gateway.KnowTenantAsync("later");
        var accepted = new HashSet<string>();
        for (var i = 0; i < Attempts; i++)
        {
            var body = Impostor.Body(i, random);
            if (await impostor.TryAsync(body))
            {
                accepted.Add(Convert.ToHexString(body));
            }
        }

        var logged = await LoggedAsync(gateway, files.Profile("optional"));

        output.WriteLine($"seed {seed}: {Attempts} attempts, {accepted.Count} taken under the sender's own tenant, {Attempts - accepted.Count} refused");
        Assert.All(logged, b => Assert.Equal(Impostor.Own, b.Tenant));
        Assert.Equal(accepted, logged.Select(b => Convert.ToHexString(b.Payload)).ToHashSet());
        Assert.InRange(accepted.Count, Attempts / 20, Attempts * 19 / 20);
    }

    public static TheoryData<string> Smuggled() =>
    [
        "Content-Length: {0}\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: {0}",
        "Content-Length: {0}\r\nContent-Length: 0",
        "Content-Length: 0\r\nContent-Length: {0}",
        "Content-Length: {0}, 0",
        "Content-Length: +{0}",
        "Content-Length: 0x{0}",
        "Content-Length: -1",
        "Content-Length : {0}",
        "Content-Length: 0\r\n Transfer-Encoding: chunked",
        "Transfer-Encoding: chunked, identity",
        "Transfer-Encoding: identity, chunked",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\tchunked\r\nContent-Length: {0}",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding: \"chunked\"",
        "Transfer_Encoding: chunked\r\nContent-Length: {0}",
        "Connection: Transfer-Encoding\r\nTransfer-Encoding: chunked\r\nContent-Length: {0}",
        "Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\nContent-Length: {0}",
        "Expect: 100-continue\r\nContent-Length: {0}",
        "X: a\rAuthorization: Bearer globex\r\nContent-Length: {0}",
        "X: a\nX-Scope-OrgID: globex\r\nContent-Length: {0}",
        "X: a\0b\r\nContent-Length: {0}",
        "Host: globex\r\nContent-Length: {0}",
        "Content-Length: 0",
    ];

    /// <summary>A second request hides in the body of the first; whoever takes it, takes it with its own credential, or not at all.</summary>
    [Theory]
    [MemberData(nameof(Smuggled))]
    public async Task Send_RequestHiddenInAnother_GetsNothingFromTheFirst(string framing)
    {
        await using var gateway = await GatewayUnderTest.StartNewAsync();
        var token = gateway.Writer(Impostor.Own);
        foreach (var credential in new[] { "", "X-Scope-OrgID: globex\r\n", "Authorization: Bearer globex\r\n" })
        {
            var hidden = $"POST /v1/traces HTTP/1.1\r\nHost: x\r\n{credential}Content-Type: application/x-protobuf\r\nContent-Length: {OtlpBytes.Request(Signal.Traces).Length}\r\n\r\n";
            byte[] inner = [.. System.Text.Encoding.Latin1.GetBytes(hidden), .. OtlpBytes.Request(Signal.Traces)];
            byte[] chunked = [.. System.Text.Encoding.Latin1.GetBytes("0\r\n\r\n"), .. inner];
            foreach (var body in new[] { inner, chunked })
            {
                await using var raw = await RawHttp.ConnectAsync(gateway.HttpUrl);
                var head = $"POST /v1/traces HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/x-protobuf\r\n{framing.Replace("{0}", $"{body.Length}", StringComparison.Ordinal)}\r\n\r\n";
                await raw.SendAsync(head);
                await TrySendAsync(raw, body);
                await raw.AllAsync(TimeSpan.FromMilliseconds(150));
            }
        }

        // Nothing but spans makes a batch, and the only spans were in requests without a credential.
        Assert.Empty(gateway.Log.Batches);
    }

    private static async Task TrySendAsync(RawHttp raw, byte[] body)
    {
        try
        {
            await raw.SendAsync(body);
        }
        catch (IOException)
        {
            // Refused by its headers.
        }
    }

    private static async Task<List<LoggedBatch>> LoggedAsync(GatewayUnderTest gateway, string profile)
    {
        await gateway.StopAsync();
        await gateway.StartAsync(profile: profile);
        await Eventually.HoldsAsync(() => gateway.Services.GetService(typeof(SnapshotState)) is SnapshotState { Current: not null }, TimeSpan.FromSeconds(5), "started again");
        return LoggedBatches.Of(gateway);
    }
}
