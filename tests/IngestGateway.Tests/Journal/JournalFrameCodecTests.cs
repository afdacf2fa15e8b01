using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Journal;

public sealed class JournalFrameCodecTests
{
    [Fact]
    public void Decode_AnyFrame_IsWhatWasEncoded()
    {
        var random = new Random(42);
        var bytes = new FrameBytes();
        for (var round = 0; round < 300; round++)
        {
            var frame = Frame(random, (ulong)round + 1);
            var traces = Enumerable.Range(0, random.Next(5)).Select(_ => new DecidedTrace(
                random.Next(2) == 0 ? PipelineFixture.Acme : PipelineFixture.Globex, new UInt128((ulong)random.NextInt64(), (ulong)random.NextInt64()), random.Next(-1, 2))).ToList();
            JournalFrameCodec.Encode(frame, traces, bytes);

            var written = bytes.WrittenMemory.ToArray();
            Assert.True(JournalFrameCodec.IsSound(written));
            Assert.Equal((written.Length, frame.Number), (JournalFrameCodec.LengthOf(written), JournalFrameCodec.NumberOf(written)));
            var readTraces = new List<DecidedTrace>();
            foreach (var read in (JournalFrame[])[JournalFrameCodec.Decode(written), JournalFrameCodec.Decode(written, readTraces)])
            {
                Assert.Equal(
                    (frame.Number, frame.LowWatermark, frame.KeptBefore, frame.OldestAcceptedAt, frame.Kept, frame.MaxSequence),
                    (read.Number, read.LowWatermark, read.KeptBefore, read.OldestAcceptedAt, read.Kept, read.MaxSequence));
                Assert.Equal(frame.Stamps, read.Stamps);
                Assert.Equal(frame.Batches.Select(Text), read.Batches.Select(Text));
            }

            Assert.Equal(traces, readTraces);
            written[random.Next(8, written.Length)] ^= 1;
            Assert.False(JournalFrameCodec.IsSound(written));
        }
    }

    [Fact]
    public void Encode_SpansOfATraceTogether_CostLessThanAByteEach()
    {
        var runs = Enumerable.Range(0, 25).Select(i => new DecisionRun(i * 4, 4, i % 8 == 0 ? 0 : -1)).ToArray();
        var kept = runs.Where(r => r.Stamp >= 0).SelectMany(r => Enumerable.Range(r.Index, 4)).Select(i => new KeptRecord(i, 0)).ToArray();
        var batches = Enumerable.Range(1, 100).Select(i => new BatchDecision((ulong)i, false, 100, kept, runs)).ToArray();
        var bytes = new FrameBytes();
        JournalFrameCodec.Encode(new JournalFrame(1, 1, 0, 1, [new Stamp("errors", 1, null)], batches), [], bytes);
        Assert.InRange(bytes.WrittenMemory.Length, 1, 100 * 100);
    }

    private static string Text(BatchDecision batch) =>
        $"{batch.Sequence} {batch.IsWhole} {batch.RecordCount} {batch.KeptCount} {batch.SampledOutCount} {string.Join(',', batch.Kept)} {string.Join(',', batch.Runs)} {string.Join(',', batch.SampledOut)}";

    private static JournalFrame Frame(Random random, ulong number)
    {
        var batches = new List<BatchDecision>();
        for (var i = random.Next(6); i > 0; i--)
        {
            var sequence = (ulong)random.NextInt64(1, 1L << 40);
            if (random.Next(3) == 0)
            {
                batches.Add(BatchDecision.Whole(sequence, random.Next(1, 100_000)));
                continue;
            }

            var runs = new List<DecisionRun>();
            var kept = new List<KeptRecord>();
            for (var (at, left) = (random.Next(3), random.Next(1, 9)); left > 0; left--)
            {
                var run = new DecisionRun(at, random.Next(1, 300), random.Next(-1, 2));
                runs.Add(run);
                kept.AddRange(Enumerable.Range(at, run.Stamp < 0 ? 0 : run.Length).Select(index => new KeptRecord(index, (ushort)run.Stamp)));
                at += run.Length + random.Next(3);
            }

            batches.Add(new BatchDecision(sequence, false, runs.Sum(r => r.Length), kept.ToArray(), runs.ToArray()));
        }

        return new JournalFrame(
            number, (ulong)random.NextInt64(), random.NextInt64(), random.NextInt64(),
            [new Stamp("errors", 1, null), new Stamp("incident", 0.25, "inc-é")], batches.ToArray());
    }
}
