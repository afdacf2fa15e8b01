using System.Text.Json;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Cli.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ArchiveIntegrityCommandTests : IAsyncLifetime
{
    // 2026-03-01T10:30:00Z
    private const long HalfPastTen = 1_772_361_000_000_000_000;

    private readonly TestIdentities _identities = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("stella-archive-cli-").FullName;
    private readonly string _work = Directory.CreateTempSubdirectory("stella-archive-cli-work-").FullName;
    private ChunkManifest _manifest = null!;

    private string KeyFile => Path.Combine(_work, "capture-worker.pub");

    public async ValueTask InitializeAsync()
    {
        var store = new FolderObjectStore(_folder);
        var tenant = TenantId.Parse("acme");
        using var writer = new SegmentWriter(tenant, Signal.Traces, "gw-1", KnownTiers.Default, _work);
        writer.Append(
            new Envelope
            {
                GatewayId = "gw-1",
                Sequence = 1,
                AcceptedAtUnixNano = HalfPastTen,
                Tenant = tenant,
                Signal = Signal.Traces,
                ProfileHash = new byte[Envelope.ProfileHashLength],
                RecordCount = 0,
                BatchHash = new byte[Envelope.BatchHashLength],
            },
            []);
        _manifest = await writer.CompleteAsync(store, CancellationToken.None);
        var key = _identities.Key(KnownServices.CaptureWorker);
        await new RootWriter(store, _identities.Trust, key, TimeProvider.System).RenewAsync(
            tenant, null, [new DateOnly(2026, 3, 1)], e => throw e, _ => Task.CompletedTask, CancellationToken.None);
        await File.WriteAllTextAsync(KeyFile, key.Public.ToPem());
    }

    [Fact]
    public async Task Scrub_SoundFolder_IsDone_AndItsReportServesTheNextOne()
    {
        var cli = Cli();
        Assert.Equal(0, await cli.RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--output", "json"));
        using var report = JsonDocument.Parse(cli.Out);
        Assert.Equal(1, report.RootElement.GetProperty("chunks").GetInt32());
        Assert.Contains("sound: 0 findings", cli.Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_work, "scrub.json"), cli.Out);

        Directory.Delete(Path.Combine(_folder, "archive", "v1", "acme", "roots"), recursive: true);
        Assert.Equal(0, await Cli().RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile));
        var with = Cli();
        Assert.Equal(3, await with.RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--heads", "scrub.json"));
        Assert.Contains("root-missing", with.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrub_SomethingIsWrong_EndsWithThree_AndSaysHowToMend()
    {
        File.Delete(Path.Combine(_folder, _manifest.SegmentKey));
        var cli = Cli();

        Assert.Equal(3, await cli.RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--tenant", "acme", "--from", "2026-03-01", "--to", "2026-03-01"));

        Assert.Contains("segment-missing", cli.Out, StringComparison.Ordinal);
        Assert.Contains(_manifest.SegmentKey, cli.Out, StringComparison.Ordinal);
        Assert.Contains("fix: segment-missing: restore", cli.Error, StringComparison.Ordinal);
        Assert.Equal(0, await Cli().RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--from", "2026-03-02"));
    }

    [Fact]
    public async Task Scrub_WrongUsage_IsTwo()
    {
        var noKey = Cli();
        Assert.Equal(2, await noKey.RunAsync("telemetry", "archive", "scrub", "--path", _folder));
        Assert.Contains("--key", noKey.Error, StringComparison.Ordinal);
        Assert.Equal(2, await Cli().RunAsync("telemetry", "archive", "scrub", "--path", _work, "--key", KeyFile));
        Assert.Equal(2, await Cli().RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--from", "yesterday"));
        Assert.Equal(2, await Cli().RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--from", "2026-03-02", "--to", "2026-03-01"));
        Assert.Equal(2, await Cli().RunAsync("telemetry", "archive", "scrub", "--path", _folder, "--key", KeyFile, "--heads", KeyFile));
    }

    [Fact]
    public async Task Prove_ThenVerifyProof_HoldsWithTheKeyAlone()
    {
        var prove = Cli();
        Assert.Equal(0, await prove.RunAsync("telemetry", "archive", "prove", _manifest.SegmentKey, "--path", _folder, "--key", KeyFile, "-o", "proof.json", "--output", "json"));
        using var proven = JsonDocument.Parse(prove.Out);
        Assert.Equal(_manifest.Segment, proven.RootElement.GetProperty("chunk").GetString());
        var segment = Path.Combine(_folder, _manifest.SegmentKey);

        var verify = Cli();
        Assert.Equal(0, await verify.RunAsync("telemetry", "archive", "verify-proof", "proof.json", "--key", KeyFile, "--segment", segment, "--output", "json"));
        using var verified = JsonDocument.Parse(verify.Out);
        Assert.True(verified.RootElement.GetProperty("ok").GetBoolean());
        Assert.Equal(3, verified.RootElement.GetProperty("checks").GetArrayLength());

        await File.AppendAllTextAsync(segment, "x");
        var changed = Cli();
        Assert.Equal(3, await changed.RunAsync("telemetry", "archive", "verify-proof", "proof.json", "--key", KeyFile, "--segment", segment));
        Assert.Contains("FAILED", changed.Out, StringComparison.Ordinal);
        await File.WriteAllTextAsync(Path.Combine(_work, "other.pub"), _identities.Key(TestIdentities.Stranger).Public.ToPem());
        Assert.Equal(3, await Cli().RunAsync("telemetry", "archive", "verify-proof", "proof.json", "--key", "other.pub"));
        Assert.Equal(3, await Cli().RunAsync("telemetry", "archive", "verify-proof", KeyFile, "--key", KeyFile));
    }

    [Fact]
    public async Task Prove_NoSuchChunk_SaysSo()
    {
        var cli = Cli();

        Assert.Equal(1, await cli.RunAsync("telemetry", "archive", "prove", _manifest.SegmentKey.Replace("gw-1", "gw-2", StringComparison.Ordinal), "--path", _folder, "--key", KeyFile));
        Assert.Contains("has no chunk", cli.Error, StringComparison.Ordinal);
        Assert.Equal(2, await Cli().RunAsync("telemetry", "archive", "prove", "nonsense"));
    }

    public ValueTask DisposeAsync()
    {
        _identities.Dispose();
        Directory.Delete(_folder, recursive: true);
        Directory.Delete(_work, recursive: true);
        return ValueTask.CompletedTask;
    }

    private CliRun Cli() => new() { WorkingDirectory = _work };
}
