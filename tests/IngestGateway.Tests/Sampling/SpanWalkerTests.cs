using System.Buffers.Binary;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Sampling.Policies;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling;

public sealed class SpanWalkerTests
{
    private static readonly PolicySet s_none = new([]);

    [Fact]
    public void TryRead_SeveralResources_SeesWhatTheWireLibrarySees()
    {
        byte[] request = [.. SpanRequest.Of("checkout", new TestSpan(1, 2, 5, 9), new TestSpan(2, 1)), .. SpanRequest.Of("stock", new TestSpan(1), new TestSpan(3))];
        var seen = Walk(request, s_none);
        var expected = new List<(int, UInt128, ulong, ulong, int, ulong)>();
        var records = new RecordReader(OtlpSignal.Traces, request);
        while (records.TryRead(out var record))
        {
            Assert.True(SpanView.TryRead(record.Record, out var span));
            ResourceView.TryGetServiceName(record.Resource, out var service);
            expected.Add((record.Index, BinaryPrimitives.ReadUInt128BigEndian(record.TraceId), span.StartTimeUnixNano, span.EndTimeUnixNano, span.StatusCode, SpanWalker.HashOf(service)));
        }

        Assert.Equal(4, expected.Count);
        Assert.Equal(expected, seen.Select(s => (s.Index, s.TraceId, s.Start, s.End, s.Status, s.Service)));
    }

    [Fact]
    public void TryRead_ResourceBehindItsScopes_CountsForThem()
    {
        var attribute = SpanRequest.Field(1, [.. SpanRequest.Field(1, "service.name"u8.ToArray()), .. SpanRequest.Field(2, SpanRequest.Field(1, "late"u8.ToArray()))]);
        var scope = SpanRequest.Field(2, SpanRequest.Field(2, SpanRequest.Field(1, SpanRequest.TraceId(1))));
        var request = SpanRequest.Field(1, [.. scope, .. SpanRequest.Field(1, attribute)]);
        Assert.Equal(SpanWalker.HashOf("late"u8), Assert.Single(Walk(request, s_none)).Service);
    }

    [Fact]
    public void TryRead_SpansOfNoTrace_AreTracesOfTheirOwn()
    {
        var spans = (byte[][])[SpanRequest.Field(5, "a"u8.ToArray()), SpanRequest.Field(5, "b"u8.ToArray()), [.. SpanRequest.Field(1, new byte[16]), .. SpanRequest.Field(5, "c"u8.ToArray())]];
        var request = SpanRequest.Field(1, SpanRequest.Field(2, [.. spans.SelectMany(s => SpanRequest.Field(2, s))]));
        Assert.Equal(3, Walk(request, s_none).Select(s => s.TraceId).Where(id => id != 0).Distinct().Count());
    }

    [Fact]
    public void TryRead_AttributePolicies_MatchSpanBySpan()
    {
        var policies = new PolicySet([.. Enumerable.Range(0, 70).Select(i => new StringAttributePolicy($"p{i}", "http.route", [$"/{i}"], false, 1, false))]);
        var request = SpanRequest.Of("checkout", new TestSpan(1, Route: "/3"), new TestSpan(2, Route: "/69"), new TestSpan(3, Route: "/70"), new TestSpan(4));
        Assert.Equal([[1ul << 3, 0], [0, 1ul << 5], [0, 0], [0, 0]], Walk(request, policies).Select(s => s.Matches));
    }

    private static List<Seen> Walk(byte[] request, PolicySet policies)
    {
        var seen = new List<Seen>();
        var walker = new SpanWalker(request, policies, new ulong[SpanWalker.ScratchWords(policies)]);
        while (walker.TryRead())
        {
            seen.Add(new Seen(walker.Index, walker.TraceId, walker.Start, walker.End, walker.StatusCode, walker.ServiceHash, walker.Matches.ToArray()));
        }

        return seen;
    }

    private sealed record Seen(int Index, UInt128 TraceId, ulong Start, ulong End, int Status, ulong Service, ulong[] Matches);
}
