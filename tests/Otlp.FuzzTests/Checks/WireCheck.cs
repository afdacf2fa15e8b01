using System.Buffers;
using System.Text;
using Google.Protobuf;
using OpenTelemetry.Proto.Collector.Trace.V1;
using StellaOps.Telemetry.Otlp.FuzzTests.Mutation;
using StellaOps.Telemetry.Tests.Shared.Otlp;

namespace StellaOps.Telemetry.Otlp.FuzzTests.Checks;

/// <summary>
/// Validator, reader, slicer and frames against protobuf: what we take, protobuf reads, with the same records; what protobuf refuses, we
/// refuse. We refuse more than it does (groups, wrong wire types, ids of other lengths, what readers would merge); nothing throws.
/// </summary>
internal static class WireCheck
{
    public static string Run(int seed)
    {
        var random = new Random(seed);
        var signal = Samples.Signal(random);
        var bytes = Samples.Request(signal, random, unknownFields: true).ToByteArray();
        if (random.Next(4) > 0)
        {
            var request = WireNode.Request(bytes, DescriptorOtlp.RequestOf(signal));
            WireMutator.Change(request, random);
            bytes = request.ToBytes();
        }

        return Check(signal, random.Next(4) == 0 ? ByteMutator.Change(bytes, random) : bytes, random);
    }

    public static string Check(OtlpSignal signal, byte[] bytes, Random random)
    {
        var outcome = OtlpRequestValidator.Validate(signal, bytes, OtlpLimits.Default, out var count);
        var frames = Frames(signal, bytes, out var isMalformed);
        int[] kept = [.. Enumerable.Range(0, frames.Count).Where(_ => random.Next(3) == 0)];
        var sliced = new ArrayBufferWriter<byte>();
        var isSliced = OtlpSlicer.Slice(signal, bytes, kept, sliced);
        Assert.True(isSliced || sliced.WrittenCount == 0);
        var parsed = Samples.Parse(signal, bytes, out var error);
        if (outcome != OtlpOutcome.Valid)
        {
            return parsed is null ? "refused by both" : "refused by us alone";
        }

        Assert.True(parsed is not null, error);
        Assert.False(isMalformed);
        Assert.Equal(Oracle.Records(parsed).Count(), count);
        CheckFrames(signal, parsed, frames);
        if (parsed is ExportTraceServiceRequest traces)
        {
            CheckSpans(traces, bytes);
        }

        Assert.True(isSliced);
        Assert.Equal(Oracle.Keep(signal, bytes, [.. kept]), Samples.Parse(signal, sliced.WrittenSpan));
        Assert.Equal(OtlpOutcome.Valid, OtlpRequestValidator.Validate(signal, sliced.WrittenSpan, OtlpLimits.Default, out var slicedCount));
        Assert.Equal(kept.Length, slicedCount);
        Assert.Equal(kept.Select(i => frames[i]), Frames(signal, sliced.WrittenSpan.ToArray(), out _));
        return "taken";
    }

    private static void CheckFrames(OtlpSignal signal, IMessage parsed, List<byte[]> frames)
    {
        var singles = Oracle.Single(parsed);
        Assert.Equal(singles.Count, frames.Count);
        for (var i = 0; i < frames.Count; i++)
        {
            Assert.Equal(singles[i], Samples.Parse(signal, frames[i]));
            Assert.Equal(frames[i], Assert.Single(Frames(signal, frames[i], out _)));
            Assert.True(CanonicalFrame.TryReadKey(signal, frames[i], out _));
        }
    }

    private static void CheckSpans(ExportTraceServiceRequest traces, byte[] bytes)
    {
        var reader = new RecordReader(OtlpSignal.Traces, bytes);
        foreach (var group in traces.ResourceSpans)
        {
            var service = group.Resource?.Attributes.FirstOrDefault(a => a.Key == "service.name")?.Value;
            foreach (var span in group.ScopeSpans.SelectMany(s => s.Spans))
            {
                Assert.True(reader.TryRead(out var record));
                Assert.True(SpanView.TryRead(record.Record, out var view));
                Assert.Equal(span.TraceId.Span, view.TraceId);
                Assert.Equal(span.SpanId.Span, view.SpanId);
                Assert.Equal(span.ParentSpanId.Span, view.ParentSpanId);
                Assert.Equal(span.Name, Encoding.UTF8.GetString(view.Name));
                Assert.Equal(((int)span.Kind, (int)(span.Status?.Code ?? 0)), (view.Kind, view.StatusCode));
                Assert.Equal((span.StartTimeUnixNano, span.EndTimeUnixNano), (view.StartTimeUnixNano, view.EndTimeUnixNano));
                Assert.Equal(service is { HasStringValue: true }, ResourceView.TryGetServiceName(record.Resource, out var name));
                Assert.Equal(service?.StringValue ?? "", Encoding.UTF8.GetString(name));
            }
        }

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.IsMalformed);
    }

    private static List<byte[]> Frames(OtlpSignal signal, byte[] bytes, out bool isMalformed)
    {
        var frames = new List<byte[]>();
        var output = new ArrayBufferWriter<byte>();
        var reader = new RecordReader(signal, bytes);
        while (reader.TryRead(out var record))
        {
            output.ResetWrittenCount();
            CanonicalFrame.Write(in record, output);
            Assert.Equal(CanonicalFrame.Measure(in record), output.WrittenCount);
            frames.Add(output.WrittenSpan.ToArray());
        }

        isMalformed = reader.IsMalformed;
        return frames;
    }
}
