using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>What stands behind the listeners, alone: log, sampler, journal, ledger; nothing is exported.</summary>
internal sealed class BarePipeline : IDisposable
{
    private static readonly TenantId s_tenant = TenantId.Parse("acme");
    private static readonly byte[] s_profileHash = new byte[32];

    /// <summary>A request's worth at ten thousand spans a second: traces come due after a hundred requests.</summary>
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);

    private readonly ServiceProvider _services;
    private readonly StepTime? _time;
    private readonly Stamper _stamper = new(7);
    private long _requests;

    /// <param name="time">Null is the machine's clock.</param>
    public BarePipeline(string folder, PipelineKind kind, StepTime? time)
    {
        _time = time;
        var services = new ServiceCollection().AddLogging(l => l.ClearProviders()).AddMetrics();
        services.AddSingleton<TimeProvider>(time ?? TimeProvider.System);
        services.AddSingleton<IIncidentScopes, NoIncidents>();
        services.AddSingleton<IObjectStore>(new FolderObjectStore(Path.Combine(folder, "archive")));
        services.AddGatewayPipeline(Settings(kind, time is null), new GatewayPipelineOptions { GatewayId = "bare", DataPath = Path.Combine(folder, "data") });
        _services = services.BuildServiceProvider();
        Pipeline = _services.GetRequiredService<GatewayPipeline>();
    }

    public GatewayPipeline Pipeline { get; }

    /// <summary>Gives the request new ids and the present time, appends it, and lets the sampler take in and decide what is due.</summary>
    public void AppendAndDecide(RequestTemplate request)
    {
        Stamp(request);
        _time!.Advance(s_step);
        var append = Append(request.Bytes);
        if (!append.IsCompletedSuccessfully || append.GetAwaiter().GetResult() != AppendOutcome.Accepted)
        {
            throw new InvalidOperationException("the log refused");
        }

        Pipeline.PumpSampler();
    }

    /// <summary>New ids, of the next group of requests.</summary>
    public void Stamp(RequestTemplate request) => _stamper.Stamp(
        request.Bytes,
        request.Places,
        _requests++ / TraceLoad.Parts,
        (_services.GetRequiredService<TimeProvider>().GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100);

    public ValueTask<AppendOutcome> Append(ReadOnlyMemory<byte> payload) =>
        Pipeline.Log.AppendAsync(new IngestBatch(s_tenant, Signal.Traces, payload, TraceLoad.SpansPerRequest, null, s_profileHash), CancellationToken.None);

    public void Dispose() => _services.Dispose();

    private static GatewaySettings Settings(PipelineKind kind, bool isLarge)
    {
        var text = $$"""
            apiVersion: telemetry.stella-ops.org/v1
            kind: Profile
            metadata: { name: bare }
            spec:
              environment: development
              redaction: baseline
              durability: {{(kind == PipelineKind.Forensic ? "fsync" : "write")}}
              recorder: { max_bytes: {{(isLarge ? "2GiB" : "128MiB")}}, file_bytes: {{(isLarge ? "64MiB" : "16MiB")}}, tenant_share: 1 }
              sampling: {{(kind is PipelineKind.Sampling or PipelineKind.Forensic ? TailSampling(isLarge ? 5 : 1) : "none")}}
            """;
        using var reader = new StringReader(text);
        var loaded = ProfileLoader.Load(reader, "bare.yaml");
        return loaded.IsValid
            ? GatewayRenderer.Render(loaded.Profile, Policies.BaselineText())
            : throw new InvalidOperationException(string.Join("; ", loaded.Faults));
    }

    private static string TailSampling(int waitSeconds) =>
        $$"""{ decision_wait: {{waitSeconds}}s, num_traces: 100000, policies: [{ name: errors, type: status_code, status_code: { status_codes: [ERROR] } }, { name: tenth, type: probabilistic, probabilistic: { sampling_percentage: 10 } }] }""";

    private sealed class NoIncidents : IIncidentScopes
    {
        public event Action? Changed
        {
            add { }
            remove { }
        }

        public IncidentsModel Current => IncidentsModel.None;
    }
}
