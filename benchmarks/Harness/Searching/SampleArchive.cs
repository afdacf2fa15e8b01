using OpenTelemetry.Proto.Collector.Logs.V1;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Benchmarks.Load;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Benchmarks.Harness.Searching;

/// <summary>
/// An archive of the load generator's requests, four of spans for one of logs. More variations than the compressor's window reaches back over, so
/// that it compresses as requests of their kind do, and not as copies.
/// </summary>
internal sealed class SampleArchive
{
    public const long FromUnixNano = 1_772_360_000_000_000_000;
    private const int Variations = 96;
    private const int LogsOneIn = 5;
    private const long BatchNano = 10_000_000;

    private static readonly TenantId s_tenant = TenantId.Parse("bench");

    private readonly List<ChunkManifest> _segments = [];
    private readonly Stamper _stamper = new(7);
    private long _batches;

    private SampleArchive(string folder)
    {
        Folder = folder;
        Store = new FolderObjectStore(folder);
    }

    public string Folder { get; }

    public FolderObjectStore Store { get; }

    public static TenantId Tenant => s_tenant;

    public IReadOnlyList<ChunkManifest> Segments => _segments;

    /// <summary>A trace of which spans are there.</summary>
    public byte[] TraceId { get; private set; } = [];

    /// <summary>A request id that a few log records and spans have.</summary>
    public string RequestId { get; private set; } = "";

    /// <summary>A text of one log body.</summary>
    public string Text { get; private set; } = "";

    public static async Task<SampleArchive> WriteAsync(string folder, long contentBytes, long segmentBytes)
    {
        var archive = new SampleArchive(folder);
        var traces = Enumerable.Range(0, Variations).Select(i => TraceLoad.Create(i / TraceLoad.Parts, i % TraceLoad.Parts)).ToList();
        var logs = Enumerable.Range(0, Variations).Select(LogLoad.Create).ToList();
        var log = ExportLogsServiceRequest.Parser.ParseFrom(logs[Variations / 2].Bytes).ResourceLogs[0].ScopeLogs[0].LogRecords[50];
        archive.RequestId = log.Attributes.Single(a => a.Key == "app.request.id").Value.StringValue;
        archive.Text = log.Body.StringValue[..48];
        for (var written = 0L; written < contentBytes;)
        {
            var isLogs = archive._segments.Count % LogsOneIn == LogsOneIn - 1;
            written += await archive.WriteSegmentAsync(isLogs ? Signal.Logs : Signal.Traces, isLogs ? logs : traces, segmentBytes);
        }

        return archive;
    }

    private async Task<long> WriteSegmentAsync(Signal signal, List<RequestTemplate> templates, long segmentBytes)
    {
        using var writer = new SegmentWriter(s_tenant, signal, "gw-1", KnownTiers.Default, Path.Combine(Folder, ".spool"));
        while (writer.ContentBytes < segmentBytes)
        {
            var template = templates[(int)(_batches % templates.Count)];
            var request = template.Bytes.ToArray();
            var at = FromUnixNano + (_batches * BatchNano);
            _stamper.Stamp(request, template.Places, _batches / TraceLoad.Parts, at);
            var envelope = new Envelope
            {
                GatewayId = "gw-1",
                Sequence = (ulong)++_batches,
                AcceptedAtUnixNano = at,
                Tenant = s_tenant,
                Signal = signal,
                ProfileHash = new byte[Envelope.ProfileHashLength],
                RecordCount = template.Records,
                BatchHash = new byte[Envelope.BatchHashLength],
            };
            if (!writer.CanAppend(envelope))
            {
                break;
            }

            writer.Append(envelope, request);
            if (signal == Signal.Traces)
            {
                var place = template.Places.First(p => p.Kind == PlaceKind.TraceId);
                TraceId = request.AsSpan(place.Offset, 16).ToArray();
            }
        }

        var manifest = await writer.CompleteAsync(Store, CancellationToken.None);
        _segments.Add(manifest);
        return manifest.ContentBytes;
    }
}
