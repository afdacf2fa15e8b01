using System.Buffers;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Sampling.Policies;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Profiles.Gateway;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>The hot paths, each set up over the same prepared load as the whole gateway gets.</summary>
public sealed class HotPaths : IDisposable
{
    private const int KeptEach = 10;

    private readonly RequestTemplate[] _requests = LoadPool.Create("traces");
    private readonly ArrayBufferWriter<byte> _output = new(256 * 1024);
    private readonly OtlpLimits _limits = new();
    private readonly Redactor _redactor = Policies.Baseline();
    private readonly RedactionCounters _counters;
    private readonly PolicySet _policies = new([new StatusCodePolicy("errors", [2]), new StringAttributePolicy("route", "http.route", ["/checkout"], false, 1, false)]);
    private readonly ulong[] _walkerScratch;
    private readonly int[] _kept = [.. Enumerable.Range(0, HotPath.Records / KeptEach).Select(i => i * KeptEach)];
    private readonly BarePipeline _passthrough;
    private readonly BarePipeline _sampling;
    private int _next;

    /// <param name="folder">Gets logs; it has to be there.</param>
    public HotPaths(string folder)
    {
        _counters = new RedactionCounters(_redactor.Policy);
        _walkerScratch = new ulong[SpanWalker.ScratchWords(_policies)];
        _passthrough = new BarePipeline(Path.Combine(folder, "passthrough"), PipelineKind.Passthrough, new StepTime());
        _sampling = new BarePipeline(Path.Combine(folder, "sampling"), PipelineKind.Sampling, new StepTime());
        All =
        [
            new("validate", Validate),
            new("redact", Redact),
            new("walk", Walk),
            new("slice", Slice),
            new("append", () => _passthrough.AppendAndDecide(Next())),
            new("append-and-sample", () => _sampling.AppendAndDecide(Next())),
        ];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<HotPath> All { get; }

    public void Dispose()
    {
        _passthrough.Dispose();
        _sampling.Dispose();
    }

    private RequestTemplate Next() => _requests[_next = (_next + 1) % _requests.Length];

    private void Validate()
    {
        if (OtlpRequestValidator.Validate(OtlpSignal.Traces, Next().Bytes, _limits, out _) != OtlpOutcome.Valid)
        {
            throw new InvalidOperationException("the load is not valid");
        }
    }

    private void Redact()
    {
        _output.ResetWrittenCount();
        if (_redactor.Redact(OtlpSignal.Traces, "acme", Next().Bytes, _output, _counters) != RedactionOutcome.Changed)
        {
            throw new InvalidOperationException("the load has no personal data");
        }
    }

    private void Walk()
    {
        var walker = new SpanWalker(Next().Bytes, _policies, _walkerScratch);
        while (walker.TryRead())
        {
        }

        if (walker.Index + 1 != HotPath.Records)
        {
            throw new InvalidOperationException("the load has other spans");
        }
    }

    private void Slice()
    {
        _output.ResetWrittenCount();
        if (!OtlpSlicer.Slice(OtlpSignal.Traces, Next().Bytes, _kept, _output))
        {
            throw new InvalidOperationException("the load cannot be sliced");
        }
    }
}
