using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Benchmarks.Micro;

/// <summary>The pipeline with no network: one thread validates, redacts and appends the prepared load; sampler and journal follow as they do in the gateway.</summary>
internal static class PipelineRun
{
    private const double WarmUpSeconds = 5;

    public static async Task<int> RunAsync(string[] args)
    {
        var kind = Enum.Parse<PipelineKind>(args[0], ignoreCase: true);
        var seconds = args.Length > 1 ? double.Parse(args[1], CultureInfo.InvariantCulture) : 10;
        var folder = Directory.CreateTempSubdirectory("stella-pipeline-");
        try
        {
            using var bare = new BarePipeline(folder.FullName, kind, time: null);
            await bare.Pipeline.StartAsync(CancellationToken.None);
            var feed = new Feed(bare, kind != PipelineKind.Passthrough);
            await feed.RunAsync(WarmUpSeconds);
            using var process = Process.GetCurrentProcess();
            var cpu = process.TotalProcessorTime;
            var begin = Stopwatch.GetTimestamp();
            var records = await feed.RunAsync(seconds);
            process.Refresh();
            Console.Out.WriteLine(JsonSerializer.Serialize(new
            {
                pipeline = "no-network/" + kind.ToString().ToLowerInvariant(),
                cpu_s_per_million_spans = Math.Round((process.TotalProcessorTime - cpu).TotalSeconds * 1_000_000 / records, 2),
                spans_per_s = Math.Round(records / Stopwatch.GetElapsedTime(begin).TotalSeconds),
                peak_rss_mib = Math.Round(process.PeakWorkingSet64 / 1048576.0),
            }));
            await bare.Pipeline.StopAsync(CancellationToken.None);
            return 0;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Feed(BarePipeline bare, bool isRedacting)
    {
        private readonly RequestTemplate[] _requests = LoadPool.Create("traces");
        private readonly OtlpLimits _limits = new();
        private readonly Redactor _redactor = Policies.Baseline();
        private readonly ArrayBufferWriter<byte> _output = new(256 * 1024);
        private int _next;

        public async Task<long> RunAsync(double seconds)
        {
            var counters = new RedactionCounters(_redactor.Policy);
            var records = 0L;
            for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin).TotalSeconds < seconds;)
            {
                var request = _requests[_next = (_next + 1) % _requests.Length];
                bare.Stamp(request);
                var outcome = await bare.Append(Treat(request.Bytes, counters));
                if (outcome == AppendOutcome.Accepted)
                {
                    records += request.Records;
                }
                else
                {
                    // The sampler is behind: what the gateway would refuse.
                    await Task.Delay(1);
                }
            }

            return records;
        }

        private ReadOnlyMemory<byte> Treat(byte[] request, RedactionCounters counters)
        {
            if (OtlpRequestValidator.Validate(OtlpSignal.Traces, request, _limits, out _) != OtlpOutcome.Valid)
            {
                throw new InvalidOperationException("the load is not valid");
            }

            _output.ResetWrittenCount();
            return isRedacting && _redactor.Redact(OtlpSignal.Traces, "acme", request, _output, counters) == RedactionOutcome.Changed
                ? _output.WrittenMemory
                : request;
        }
    }
}
