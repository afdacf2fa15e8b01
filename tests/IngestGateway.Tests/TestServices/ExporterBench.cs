using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Spill;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>A log, a journal and one OTLP exporter over them; whole batches are decided as the test wants.</summary>
internal sealed class ExporterBench : IDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly SpillStore _spill;
    private readonly TimeSpan _linger;
    private ulong _frame;
    private ulong _sequence;
    private long _kept;

    public ExporterBench(OtlpExporterSettings settings, EgressDialer? dialer = null, TimeSpan linger = default)
    {
        (Settings, Dialer, _linger) = (settings, dialer ?? PipelineFixture.OpenDialer, linger);
        Journal = new DecisionJournal(Fixture.Folder, sync: false, NullLogger<DecisionJournal>.Instance);
        Log = Fixture.OpenLog();
        _spill = new SpillStore(Fixture.Folder, Log, Journal, 1 << 20, Fixture.Time, NullLogger<SpillStore>.Instance);
        Reader = new KeptReader(Log, _spill);
        Cursor = new ExporterCursor(Fixture.Folder, settings.Name, Journal);
        Exporter = New();
    }

    public PipelineFixture Fixture { get; } = new();

    public OtlpExporterSettings Settings { get; set; }

    public EgressDialer Dialer { get; }

    public DecisionJournal Journal { get; }

    public BatchLog Log { get; }

    public IKeptReader Reader { get; }

    public ExporterCursor Cursor { get; private set; }

    public OtlpExporter Exporter { get; private set; }

    public string[] DeadLetters => Directory.Exists(LetterFolder) ? Directory.GetFiles(LetterFolder, "*.json") : [];

    private string LetterFolder => Path.Combine(Fixture.Folder, "deadletter", Settings.Name);

    public static OtlpExporterSettings SettingsFor(OtlpSink sink, bool grpc) => new(
        "store", sink.Url, grpc ? OtlpProtocol.Grpc : OtlpProtocol.HttpProtobuf, new Dictionary<string, string>(), "X-Scope-OrgID", TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5));

    /// <summary>Logs batches and decides them, as one frame.</summary>
    public async Task KeepAsync(params (TenantId Tenant, Signal Signal, byte[] Payload, int Records)[] batches)
    {
        var decisions = new List<BatchDecision>();
        foreach (var (tenant, signal, payload, records) in batches)
        {
            Assert.Equal(AppendOutcome.Accepted, await Log.AppendAsync(new IngestBatch(tenant, signal, payload, records, null, PipelineFixture.Profile), CancellationToken.None));
            decisions.Add(BatchDecision.Whole(++_sequence, records));
        }

        Journal.Append(new JournalFrame(++_frame, _sequence + 1, _kept, UnixNano.Of(Fixture.Time.GetUtcNow()), [], decisions.ToArray()), []);
        _kept += batches.Sum(b => b.Records);
    }

    /// <summary>One batch of one log record that says so.</summary>
    public static (TenantId Tenant, Signal Signal, byte[] Payload, int Records) LogBatch(string says, TenantId? tenant = null)
    {
        var body = SpanRequest.Field(5, SpanRequest.Field(1, System.Text.Encoding.UTF8.GetBytes(says)));
        return (tenant ?? PipelineFixture.Acme, Signal.Logs, SpanRequest.Field(1, SpanRequest.Field(2, SpanRequest.Field(2, body))), 1);
    }

    /// <summary>Pumps to the end; the clock runs on meanwhile, some twice as fast as the day.</summary>
    public Task PumpAsync() => RunAsync(Exporter.PumpAsync(CancellationToken.None));

    public async Task RunAsync(Task pump)
    {
        for (var i = 0; i < 4000 && !pump.IsCompleted; i++)
        {
            Fixture.Time.Advance(TimeSpan.FromMilliseconds(10));
            await Task.Delay(5);
        }

        Assert.True(pump.IsCompleted, $"the exporter did not come to an end: {Exporter.Status}");
        await pump;
    }

    /// <summary>As after a kill: another exporter from the place on disk.</summary>
    public void Restart()
    {
        Cursor = new ExporterCursor(Fixture.Folder, Settings.Name, Journal);
        Exporter = New();
    }

    public void Dispose()
    {
        Log.Dispose();
        _spill.Dispose();
        Journal.Dispose();
        _services.Dispose();
        Fixture.Dispose();
    }

    private OtlpExporter New() => new(
        Settings, Cursor, Journal, Reader, Fixture.Folder, _linger, Dialer, Fixture.Time,
        new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLogger<OtlpExporter>.Instance);
}
