using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling;

namespace StellaOps.Telemetry.IngestGateway.Promotion;

/// <summary>Copies a window of the log to the archive; the answer is kept, so that asking again does not copy again.</summary>
internal sealed class LogPromoter : IPromoter
{
    private const long MaxSegmentBytes = 64 << 20;

    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Func<string> _profileHash;
    private readonly GatewayPipelineOptions _options;
    private readonly BatchLog _log;
    private readonly TailSampler _sampler;
    private readonly ILedger _ledger;
    private readonly IObjectStore _store;
    private readonly GatewayPipelineInstruments _instruments;
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly string _spool;

    public LogPromoter(
        Func<string> profileHash, GatewayPipelineOptions options, BatchLog log, TailSampler sampler, ILedger ledger, IObjectStore store, TimeProvider time, GatewayPipelineInstruments instruments)
    {
        (_profileHash, _options, _log, _sampler, _ledger, _store, _time, _instruments) = (profileHash, options, log, sampler, ledger, store, time, instruments);
        _folder = Path.Combine(options.DataPath, "promotions");
        _spool = Path.Combine(options.DataPath, "spool");
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public async Task<PromotionAck> PromoteAsync(PromotionRequest request, CancellationToken cancellationToken)
    {
        if (!ObjectKey.IsPart(request.Id))
        {
            return Failed(request, "the promotion's id cannot be a file name");
        }

        var from = long.Parse(request.FromUnixNano, CultureInfo.InvariantCulture);
        var to = long.Parse(request.ToUnixNano, CultureInfo.InvariantCulture);
        await _log.SettleAsync(to, cancellationToken);
        await _one.WaitAsync(cancellationToken);
        try
        {
            var done = Path.Combine(_folder, request.Id + ".json");
            if (File.Exists(done) && JsonSerializer.Deserialize(await File.ReadAllBytesAsync(done, cancellationToken), LedgerJson.Default.PromotionAck) is { } known)
            {
                return known;
            }

            var ack = await CopyAsync(request, from, to, cancellationToken);
            DurableFile.Write(done, JsonSerializer.SerializeToUtf8Bytes(ack, LedgerJson.Default.PromotionAck));
            return ack;
        }
        catch (IOException e)
        {
            return Failed(request, e.Message);
        }
        finally
        {
            _one.Release();
        }
    }

    private async Task<PromotionAck> CopyAsync(PromotionRequest request, long from, long to, CancellationToken cancellationToken)
    {
        var segments = new List<string>();
        long records = 0;
        var buffer = Array.Empty<byte>();
        foreach (var signal in request.Signals.Distinct())
        {
            SegmentWriter? segment = null;
            try
            {
                foreach (var found in _log.EntriesFrom(0))
                {
                    if (found.AcceptedAtUnixNano >= to)
                    {
                        break;
                    }

                    if (found.Tenant != request.Tenant || found.Signal != signal || found.AcceptedAtUnixNano < from)
                    {
                        continue;
                    }

                    // Gone meanwhile: the recorder's end passed it, and the answer's first accepted-at, taken afterwards, says so.
                    if (!_log.TryRead(found.Sequence, ref buffer, out var entry))
                    {
                        continue;
                    }

                    if (!Envelope.TryRead(BatchLog.EnvelopeOf(buffer, entry).Span, out var envelope))
                    {
                        throw new IOException($"batch {found.Sequence} cannot be read back from the log");
                    }

                    if (segment is not null && (!segment.CanAppend(envelope) || segment.ContentBytes >= MaxSegmentBytes))
                    {
                        segments.Add(await CompleteAsync(segment, request, signal, cancellationToken));
                        segment = null;
                    }

                    segment ??= new SegmentWriter(request.Tenant, signal, envelope.GatewayId, KnownTiers.Promoted, _spool);
                    segment.Append(envelope, BatchLog.PayloadOf(buffer, entry).Span);
                    records += entry.RecordCount;
                }

                if (segment is not null)
                {
                    segments.Add(await CompleteAsync(segment, request, signal, cancellationToken));
                    segment = null;
                }
            }
            finally
            {
                segment?.Dispose();
            }
        }

        while (_sampler.ReadSequence < _log.VisibleSequence && !cancellationToken.IsCancellationRequested)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, cancellationToken);
        }

        var complete = _log.FirstSequence <= 1 ? from : _log.FirstAcceptedAtUnixNano ?? UnixNano.Of(_time.GetUtcNow());
        return new PromotionAck(
            request.Id,
            _options.GatewayId,
            null,
            complete.ToString(CultureInfo.InvariantCulture),
            records,
            segments,
            _ledger.Query(request.Tenant, from, to),
            _profileHash());
    }

    private async Task<string> CompleteAsync(SegmentWriter segment, PromotionRequest request, Signal signal, CancellationToken cancellationToken)
    {
        using (segment)
        {
            var manifest = await segment.CompleteAsync(_store, cancellationToken);
            _instruments.OnArchived(request.Tenant, signal, KnownTiers.Promoted, manifest.StoredBytes);
            return manifest.ManifestKey;
        }
    }

    private PromotionAck Failed(PromotionRequest request, string why) =>
        new(request.Id, _options.GatewayId, why, null, 0, [], [], _profileHash());
}
