using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Google.Protobuf;
using StellaOps.Telemetry.Archive.Export;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Search;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Tests.Shared.Otlp;
using ZstdSharp;
using static StellaOps.Telemetry.Archive.Tests.TestServices.ArchiveSandbox;

namespace StellaOps.Telemetry.Archive.Tests.Export;

public sealed class ArchiveExportTests : IDisposable
{
    private static readonly DateTimeOffset s_from = DateTimeOffset.UnixEpoch.AddTicks(HalfPastTen / 100);

    private readonly ArchiveSandbox _archive = new();

    [Theory]
    [InlineData(ArchiveExportFormat.Json, false)]
    [InlineData(ArchiveExportFormat.Proto, false)]
    [InlineData(ArchiveExportFormat.Proto, true)]
    public async Task Run_CopiesInTwoTiers_EveryRecordOnceInTheCollectorsForm(ArchiveExportFormat format, bool compress)
    {
        var expected = new List<IMessage>();
        for (var i = 0; i < 12; i++)
        {
            var request = RandomOtlp.Logs(i, 8);
            var bytes = request.ToByteArray();
            var batch = Batch(Signal.Logs, (ulong)i + 1, HalfPastTen + (i * Second), Oracle.Records(request).Count());
            var partial = (batch with { Kept = [new KeptRecord(0, 0), new KeptRecord(2, 0)], Stamps = [new Stamp("p", 1, null)] }, Oracle.Keep(OtlpSignal.Logs, bytes, [0, 2]).ToByteArray());

            // Whole and in part; two overlapping parts; one part alone.
            if (i % 3 == 0)
            {
                await _archive.WriteAsync(KnownTiers.Default, partial);
                await _archive.WriteAsync(KnownTiers.Promoted, (batch, bytes));
                expected.AddRange(Oracle.Single(request));
            }
            else
            {
                await _archive.WriteAsync(KnownTiers.Default, partial);
                expected.AddRange(new[] { 0, 2 }.Select(r => Oracle.Single(request)[r]));
                if (i % 3 == 1)
                {
                    await _archive.WriteAsync(
                        KnownTiers.Default, (batch with { Kept = [new KeptRecord(2, 0), new KeptRecord(3, 0)], Stamps = [new Stamp("q", 1, null)] }, Oracle.Keep(OtlpSignal.Logs, bytes, [2, 3]).ToByteArray()));
                    expected.Add(Oracle.Single(request)[3]);
                }
            }
        }

        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Logs, 99, HalfPastTen + (3600L * Second) - 1, 1), Wire.Request("late", Wire.Span(1))));
        using var file = new MemoryStream();
        var summary = await ExportAnswer.RunAsync(
            _archive.Store, new ArchiveExportRequest(Tenant, s_from, s_from.AddMinutes(1), [Signal.Logs], format, compress), file, null, CancellationToken.None);

        var content = compress ? await DecompressAsync(file.ToArray()) : file.ToArray();
        var read = format == ArchiveExportFormat.Proto ? ReadProto(content) : ReadLines(content);
        Assert.Equal(Sorted(expected), Sorted(read.SelectMany(Oracle.Single)));
        Assert.Equal((true, (long)expected.Count, (long)read.Count, 12L), (summary.Complete, summary.Records["logs"], summary.Requests, summary.Copies));
    }

    [Fact]
    public async Task Write_OverHttp_IsReadBackWithWhatIsMissing()
    {
        await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 1, HalfPastTen, 1), Wire.Request("shop", Wire.Span(1, 3_000_000))));
        var bad = await _archive.WriteAsync(KnownTiers.Default, (Batch(Signal.Traces, 2, HalfPastTen, 1), Wire.Request("shop", Wire.Span(2))));
        await _archive.DamageAsync(bad);
        var request = new ArchiveExportRequest(Tenant, s_from, s_from.AddMinutes(1), [Signal.Traces], ArchiveExportFormat.Proto);
        using var answer = new MemoryStream();
        await ExportAnswer.WriteAsync(_archive.Store, request, answer, e => Assert.Fail(e.Message), CancellationToken.None);

        using var file = new MemoryStream();
        var summary = await ExportAnswer.ReadAsync(new MemoryStream(answer.ToArray()), file, null, CancellationToken.None);

        Assert.Equal(Wire.Request("shop", Wire.Span(1, 3_000_000)), ReadProtoBytes(file.ToArray()).Single());
        Assert.Equal((false, null, 1L), (summary.Complete, summary.Failure, summary.Records["traces"]));
        Assert.StartsWith($"chunk {bad.SegmentKey} is left out", Assert.Single(summary.Gaps), StringComparison.Ordinal);
        foreach (var length in new[] { 0, 3, 100, (int)answer.Length - 1 })
        {
            await Assert.ThrowsAsync<InvalidDataException>(() => ExportAnswer.ReadAsync(new MemoryStream(answer.ToArray(), 0, length), new MemoryStream(), null, CancellationToken.None));
        }
    }

    [Fact]
    public void Check_ProtobufOfSeveralSignals_IsRefused()
    {
        var request = new ArchiveExportRequest(Tenant, s_from, s_from.AddMinutes(1), [Signal.Logs, Signal.Traces], ArchiveExportFormat.Proto);

        Assert.Equal(["signals"], ExportRequestRules.Check(request).Select(f => f.Field));
        Assert.Empty(ExportRequestRules.Check(request with { Format = ArchiveExportFormat.Json, Signals = null }));
    }

    public void Dispose() => _archive.Dispose();

    private static async Task<byte[]> DecompressAsync(byte[] file)
    {
        using var content = new MemoryStream();
        await using var zstd = new DecompressionStream(new MemoryStream(file));
        await zstd.CopyToAsync(content);
        return content.ToArray();
    }

    private static List<IMessage> ReadProto(byte[] file) => ReadProtoBytes(file).ConvertAll(b => Oracle.ParserOf(OtlpSignal.Logs).ParseFrom(b));

    private static List<byte[]> ReadProtoBytes(byte[] file)
    {
        var requests = new List<byte[]>();
        for (var at = 0; at < file.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
            requests.Add(file.AsSpan(at + 4, length).ToArray());
            at += 4 + length;
        }

        return requests;
    }

    private static List<IMessage> ReadLines(byte[] file) => [.. Encoding.UTF8.GetString(file).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line =>
    {
        var bytes = new ArrayBufferWriter<byte>();
        Assert.True(OtlpJson.TryToProtobuf(OtlpSignal.Logs, Encoding.UTF8.GetBytes(line), OtlpLimits.Default, bytes, out var error), error);
        return Oracle.ParserOf(OtlpSignal.Logs).ParseFrom(bytes.WrittenSpan);
    })];

    private static IEnumerable<string> Sorted(IEnumerable<IMessage> records) => records.Select(r => Convert.ToHexString(r.ToByteArray())).Order(StringComparer.Ordinal);
}
