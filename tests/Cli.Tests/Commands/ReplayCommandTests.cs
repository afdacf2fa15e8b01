using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Tests.Shared.Evidence;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stores;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ReplayCommandTests
{
    [Fact]
    public async Task Replay_ReceiverBusyTwice_SendsTheSameMarkAgainAndProvesTheCounts()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Refusals.Enqueue(503);
        receiver.Refusals.Enqueue(429);
        var cli = NewCli();

        var code = await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url, "--output", "json");

        using var report = JsonDocument.Parse(cli.Out);
        var traces = report.RootElement.GetProperty("signals")[0];
        Assert.Equal(0, code);
        Assert.Equal((3, 3, 3), (traces.GetProperty("manifest").GetInt32(), traces.GetProperty("sent").GetInt32(), traces.GetProperty("accepted").GetInt32()));
        Assert.Equal("answers", report.RootElement.GetProperty("proof").GetProperty("by").GetString());

        // Twice refused and once taken: the empty request that asks; then the batch.
        Assert.Equal(4, receiver.Requests.Count);
        Assert.Equal([("/v1/traces", $"{report.RootElement.GetProperty("replayId").GetString()}/0", "Bearer a-token", 3)], receiver.Batches);
    }

    [Fact]
    public async Task Replay_Again_SendsNothingUnlessItIsToBeginAnew()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        string[] command = ["telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url];

        Assert.Equal(0, await NewCli().RunAsync(command));
        var again = NewCli();
        Assert.Equal(0, await again.RunAsync(command));
        Assert.Single(receiver.Batches);
        Assert.Contains("it was finished, and nothing was sent", again.Error, StringComparison.Ordinal);

        Assert.Equal(0, await NewCli().RunAsync([.. command, "--restart"]));
        Assert.Equal(2, receiver.Batches.Select(b => b.Mark).Distinct().Count());
    }

    [Fact]
    public async Task Replay_UnderTheStateOfAnotherEndpoint_IsRefusedAndSendsNothing()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var first = await OtlpReceiver.StartAsync();
        await using var second = await OtlpReceiver.StartAsync();
        Assert.Equal(0, await NewCli().RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", first.Url));
        var cli = NewCli();

        Assert.Equal(2, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", second.Url));

        Assert.Contains(first.Url, cli.Error, StringComparison.Ordinal);
        Assert.Contains("--state-file", cli.Error, StringComparison.Ordinal);
        Assert.Empty(second.Requests);
    }

    [Fact]
    public async Task Replay_RecordsRejected_FailsWithThree()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Rejected = 1;
        var cli = NewCli();

        Assert.Equal(3, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
        Assert.Contains("1 of 3 records rejected: no", cli.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(3L, 0)]
    [InlineData(2L, 3)]
    [InlineData(4L, 3)]
    [InlineData(null, 3)]
    public async Task Replay_GatewaysCount_DecidesWhetherItIsProven(long? counted, int expected)
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Counted = counted;
        var cli = NewCli();

        var code = await cli.RunAsync(
            "telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url, "--tenant", "sealed", "--gateway-url", receiver.Url, "--output", "json");

        Assert.Equal(expected, code);
        using var report = JsonDocument.Parse(cli.Out);
        Assert.Equal("gateway", report.RootElement.GetProperty("proof").GetProperty("by").GetString());
        Assert.Equal((expected == 0, counted ?? 0), (report.RootElement.GetProperty("ok").GetBoolean(), report.RootElement.GetProperty("signals")[0].GetProperty("gateway").GetInt64()));
    }

    [Fact]
    public async Task Replay_TokenRefused_IsNotAllowed()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        receiver.Refusals.Enqueue(403);

        Assert.Equal(4, await NewCli().RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
        Assert.Empty(receiver.Batches);
    }

    [Fact]
    public async Task Replay_ForeignEndpoint_HasToBeSpelledAndGetsNoToken()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync(isForeign: true);
        var headers = Path.Combine(bundle.Folder, "headers.txt");
        await File.WriteAllTextAsync(headers, "# of the store\nX-Api-Key: secret\n", TestContext.Current.CancellationToken);
        var refused = NewCli();

        Assert.Equal(4, await refused.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
        Assert.Contains("--foreign", refused.Error, StringComparison.Ordinal);
        Assert.Empty(receiver.Batches);

        var cli = new CliRun();
        Assert.Equal(0, await cli.RunAsync(
            "telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url, "--foreign", "--header-file", headers, "--restart", "--output", "json"));
        Assert.Equal("", Assert.Single(receiver.Batches).Token);
        Assert.Contains("is not proven", cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_OverTls_TrustsTheNamedAuthorityAndNoOther()
    {
        using var bundle = await TestBundle.CreateAsync();
        var (authority, certificate) = NewCertificate();
        var (stranger, _) = NewCertificate();
        await using var receiver = await OtlpReceiver.StartAsync(certificate: certificate);
        var (good, bad) = (Path.Combine(bundle.Folder, "ca.pem"), Path.Combine(bundle.Folder, "other.pem"));
        await File.WriteAllTextAsync(good, authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(bad, stranger.ExportCertificatePem(), TestContext.Current.CancellationToken);
        string[] command = ["telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url];
        var refused = NewCli();

        Assert.Equal(5, await refused.RunAsync([.. command, "--ca", bad]));
        Assert.Contains("certificate", refused.Error, StringComparison.OrdinalIgnoreCase);
        Assert.Empty(receiver.Requests);
        var cli = NewCli();
        Assert.True(await cli.RunAsync([.. command, "--ca", good]) == 0, cli.Error);
        Assert.Single(receiver.Batches);
    }

    [Theory]
    [InlineData("--rate", "0")]
    [InlineData("--speed", "fast")]
    [InlineData("--shift", "2h")]
    [InlineData("--protocol", "thrift")]
    [InlineData("--compression", "lz4")]
    [InlineData("--ca", "no such file")]
    [InlineData("--header-file", "no such file")]
    [InlineData("--unmarked", null)]
    [InlineData("--gateway-url", "http://127.0.0.1:1")]
    public async Task Replay_WrongOption_IsWrongUsageThatNamesIt(string option, string? value)
    {
        using var bundle = await TestBundle.CreateAsync();
        var cli = NewCli();
        string[] wrong = value is null ? [option] : [option, value];

        Assert.Equal(2, await cli.RunAsync(["telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", "http://127.0.0.1:1", .. wrong]));
        Assert.Contains(option, cli.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Replay_TamperedBundle_SendsNothing()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        await File.AppendAllTextAsync(Path.Combine(bundle.Folder, "acme.provenance.json"), " ", TestContext.Current.CancellationToken);

        Assert.Equal(3, await NewCli().RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url));
        Assert.Empty(receiver.Requests);
    }

    [Fact]
    public async Task Replay_DryRun_CountsAndSendsNothing()
    {
        using var bundle = await TestBundle.CreateAsync();
        await using var receiver = await OtlpReceiver.StartAsync();
        var cli = new CliRun();

        Assert.Equal(0, await cli.RunAsync("telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", receiver.Url, "--dry-run"));
        Assert.Empty(receiver.Requests);
        Assert.Empty(Directory.GetFiles(bundle.Folder, "*.replay.json*"));
    }

    /// <summary>A store that knows nothing of us: what it answers queries with is what the bundle holds, marked, and shifted to where it still takes it.</summary>
    [Fact]
    public async Task Replay_MetricsIntoVictoriaMetrics_AreThereShiftedAndMarked()
    {
        using var bundle = await SampleBundle.CreateAsync(spans: 0, points: 40, logs: 0);
        await using var store = await VictoriaMetrics.StartAsync();
        var cli = new CliRun();

        var code = await cli.RunAsync(
            "telemetry", "replay", bundle.Archive, "--key", bundle.KeyFile, "--to", store.Otlp.ToString(), "--foreign", "--shift", "now", "--compression", "gzip", "--output", "json");

        Assert.True(code == 0, cli.Error);
        using var report = JsonDocument.Parse(cli.Out);
        var id = report.RootElement.GetProperty("replayId").GetString()!;
        Assert.EndsWith(".shifted", id, StringComparison.Ordinal);
        await Eventually.HoldsAsync(async () => (await ExportAsync(store)).Sum(s => s.Points) == 40, TimeSpan.FromSeconds(20), "all 40 points are in the store");
        Assert.All(await ExportAsync(store), s => Assert.Equal(id, s.ReplayId));
    }

    /// <summary>An authority, and a server's certificate of it.</summary>
    private static (X509Certificate2 Authority, X509Certificate2 Server) NewCertificate()
    {
        var (from, to) = (TimeProvider.System.GetUtcNow().AddHours(-1), TimeProvider.System.GetUtcNow().AddHours(1));
        using var authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var authority = new CertificateRequest("CN=replay authority", authorityKey, HashAlgorithmName.SHA256);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var root = authority.CreateSelfSigned(from, to);
        using var serverKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var server = new CertificateRequest("CN=127.0.0.1", serverKey, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        server.CertificateExtensions.Add(names.Build());
        using var issued = server.Create(root, from, to, [1, 2, 3]);
        return (root, issued.CopyWithPrivateKey(serverKey));
    }

    private static CliRun NewCli() => new() { Environment = { ["STELLA_TOKEN"] = "a-token" } };

    private static async Task<List<(string? ReplayId, int Points)>> ExportAsync(VictoriaMetrics store)
    {
        var lines = await store.AskAsync("/api/v1/export?match[]=sample_orders", "end", TestContext.Current.CancellationToken);
        var series = new List<(string?, int)>();
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            var labels = json.RootElement.GetProperty("metric").EnumerateObject().ToDictionary(l => l.Name, l => l.Value.GetString());
            series.Add((labels.FirstOrDefault(l => l.Key is "stella.replay.id" or "stella_replay_id").Value, json.RootElement.GetProperty("values").GetArrayLength()));
        }

        return series;
    }
}
