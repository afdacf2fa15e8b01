using System.Buffers;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Loading;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Conformance.Tests;

/// <summary>Plays a case against the gateway's pipeline: log, sampler and journal as they run, on a clock that moves in steps of 100 ms.</summary>
internal sealed class SamplingRun : IIncidentScopes, IDisposable
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(100);

    private readonly string _folder = Directory.CreateTempSubdirectory("stella-sampling-case-").FullName;
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    // A whole second: rate limits go by seconds of the clock.
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.Zero));
    private readonly List<(ulong Sequence, int Index, string TraceId, string SpanId)> _records = [];
    private readonly List<IncidentMessage> _open = [];
    private GatewaySettings _settings;
    private GatewayPipeline _pipeline;
    private ulong _sequence;

    public SamplingRun(SamplingSettings sampling)
    {
        _settings = new GatewaySettings(
            "case", new string('a', 64), "none", Durability.Write, new IngestSettings(4 << 20, 16 << 20, 32, 100_000),
            new RecorderSettings(TimeSpan.FromMinutes(15), 16 << 20, 1 << 20, 1.0), sampling, []);
        _pipeline = Open();
    }

    public event Action? Changed;

    public IncidentsModel Current { get; private set; } = IncidentsModel.None;

    /// <summary>The sampling section in a profile that is otherwise the least there can be; null where it is refused, with the places of the faults.</summary>
    public static SamplingSettings? Load(YamlNode sampling, out IReadOnlyList<string> faults)
    {
        var spec = new YamlMappingNode { { "environment", "development" }, { "redaction", "baseline" }, { "durability", "write" }, { "sampling", sampling } };
        var root = new YamlMappingNode
        {
            { "apiVersion", "telemetry.stella-ops.org/v1" }, { "kind", "Profile" }, { "metadata", new YamlMappingNode { { "name", "case" } } }, { "spec", spec },
        };
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        new YamlStream(new YamlDocument(root)).Save(text, assignAnchors: false);
        var result = ProfileLoader.Load(new StringReader(text.ToString()), "case");
        faults = [.. result.Faults.Select(f => f.Path)];
        return result.Profile?.Sampling;
    }

    public async Task PlayAsync(SamplingCase played)
    {
        var start = _time.GetUtcNow();
        foreach (var step in played.Steps)
        {
            MoveTo(start + step.At);
            await DoAsync(step);
            _pipeline.PumpSampler();
        }

        MoveTo(start + (played.Until ?? played.Steps[^1].At + _settings.Sampling.DecisionWait + TimeSpan.FromSeconds(1)));
    }

    /// <summary>By trace id and by span id: what became of the records; a trace of several fates has them all.</summary>
    public Dictionary<string, string> Fates()
    {
        var decided = new Dictionary<(ulong, int), string>();
        for (var number = _pipeline.Journal.FirstFrame; _pipeline.Journal.Read(number) is { } frame; number++)
        {
            foreach (var batch in frame.Batches)
            {
                foreach (var index in batch.IsWhole ? Enumerable.Range(0, batch.RecordCount) : batch.SampledOut)
                {
                    decided.Add((batch.Sequence, index), batch.IsWhole ? "unstamped" : "sampled_out");
                }

                foreach (var kept in batch.Kept)
                {
                    decided.Add((batch.Sequence, kept.Index), Text(frame.Stamps[kept.Stamp]));
                }
            }
        }

        var fates = _records.Select(r => (r.TraceId, r.SpanId, Fate: decided.GetValueOrDefault((r.Sequence, r.Index), "undecided"))).ToList();
        return fates.Select(f => (Key: f.TraceId, f.Fate)).Concat(fates.Select(f => (Key: f.SpanId, f.Fate)))
            .GroupBy(f => f.Key)
            .ToDictionary(g => g.Key, g => string.Join(" and ", g.Select(f => f.Fate).Distinct().Order(StringComparer.Ordinal)));
    }

    public void Dispose()
    {
        _pipeline.Dispose();
        _services.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static string Text(Stamp stamp) =>
        string.Create(CultureInfo.InvariantCulture, $"kept by {stamp.Policy} at {stamp.Rate}") + (stamp.IncidentId is null ? "" : $" for {stamp.IncidentId}");

    private GatewayPipeline Open() => new(
        _settings, new GatewayPipelineOptions { GatewayId = "gw-1", DataPath = _folder, ExportLinger = TimeSpan.Zero }, new FolderObjectStore(Path.Combine(_folder, "archive")), this, _time,
        new GatewayPipelineInstruments(_services.GetRequiredService<IMeterFactory>()), NullLoggerFactory.Instance);

    private void MoveTo(DateTimeOffset time)
    {
        while (_time.GetUtcNow() < time)
        {
            _time.Advance(s_tick);
            _pipeline.PumpSampler();
        }
    }

    private async Task DoAsync(SamplingStep step)
    {
        switch (step.Kind)
        {
            case "restart":
                _pipeline.Dispose();
                _pipeline = Open();
                break;
            case "sampling":
                _settings = _settings with { Sampling = Load(step.Value, out _)! };
                _pipeline.Apply(_settings);
                break;
            case "incident":
                Begin((YamlMappingNode)step.Value, TenantId.Parse(step.Tenant));
                break;
            default:
                await SendAsync(step);
                break;
        }
    }

    private void Begin(YamlMappingNode incident, TenantId tenant)
    {
        var now = _time.GetUtcNow();
        _open.Add(new IncidentMessage(
            incident["id"].ToString(), 1, false, tenant, [.. ((YamlSequenceNode)incident["services"]).Select(s => s.ToString())],
            double.Parse(incident["rate"].ToString(), CultureInfo.InvariantCulture), now, now + SamplingStep.Duration(incident["for"])));
        Current = new IncidentsModel([.. _open]);
        Changed?.Invoke();
    }

    private async Task SendAsync(SamplingStep step)
    {
        Assert.True(SignalNames.TryParse(step.Kind, out var signal));
        var otlp = Enum.Parse<OtlpSignal>(signal.ToString());
        var output = new ArrayBufferWriter<byte>();
        Assert.True(OtlpJson.TryToProtobuf(otlp, YamlJson.Of(step.Value), OtlpLimits.Default, output, out var error), error);
        var before = _records.Count;
        Note(otlp, output.WrittenSpan, ++_sequence);
        var batch = new IngestBatch(TenantId.Parse(step.Tenant), signal, output.WrittenMemory, _records.Count - before, null, new byte[32]);
        Assert.Equal(AppendOutcome.Accepted, await _pipeline.Log.AppendAsync(batch, CancellationToken.None));
    }

    private void Note(OtlpSignal signal, ReadOnlySpan<byte> request, ulong sequence)
    {
        var reader = new RecordReader(signal, request);
        while (reader.TryRead(out var record))
        {
            _records.Add((sequence, record.Index, Convert.ToHexStringLower(record.TraceId), Convert.ToHexStringLower(record.SpanId)));
        }
    }
}
