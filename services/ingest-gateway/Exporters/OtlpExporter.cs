using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Egress;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// Sends kept records to an OTLP store, their stamps as attributes. Batches of one tenant and signal are joined, across frames as well: a
/// protobuf message behind another of its type is their merger. Several requests are on their way at once; the cursor follows what is done
/// without a gap.
/// </summary>
internal sealed partial class OtlpExporter : Exporter, IPayloadTarget
{
    /// <summary>What may be held for tenants whose requests are not full, before the oldest of them goes as it is.</summary>
    private const long MaxOpenBytes = 8 << 20;

    /// <summary>What an attempt that is on its way gets when the exporter has to end: without it, each end would send it twice.</summary>
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(2);

    private readonly OtlpExporterSettings _settings;
    private readonly IKeptReader _kept;
    private readonly GatewayPipelineInstruments _instruments;
    private readonly ILogger<OtlpExporter> _logger;
    private readonly OtlpSender _sender;
    private readonly CircuitBreaker _breaker;
    private readonly DeadLetters _deadLetters;
    private readonly FrameProgress _progress;
    private readonly KeptSlicer _slicer = new();
    private readonly PulseSignal _finished = new();
    private readonly TimeSpan _linger;

    // Of the pump alone: requests that are not full, the same by age (with closed ones that were not at its head), and those that are full.
    private readonly Dictionary<(TenantId Tenant, Signal Signal), OutgoingRequest> _open = [];
    private readonly Queue<OutgoingRequest> _byAge = new();
    private readonly Queue<OutgoingRequest> _ready = new();
    private byte[] _scratch = [];
    private ulong _taken;
    private bool _isReadingWhole;
    private long _openBytes;
    private Task _due = Task.CompletedTask;

    private CancellationTokenSource _waits = new();
    private CancellationTokenSource _attempts = new();
    private Exception? _failure;
    private int _inFlight;

    /// <param name="linger">How long a request that is not full waits for more of its tenant: what a request costs is paid for few of them.</param>
    public OtlpExporter(
        OtlpExporterSettings settings,
        ExporterCursor cursor,
        DecisionJournal journal,
        IKeptReader kept,
        string dataPath,
        TimeSpan linger,
        EgressDialer dialer,
        TimeProvider time,
        GatewayPipelineInstruments instruments,
        ILogger<OtlpExporter> logger)
        : base(settings.Name, "otlp", cursor, journal, time)
    {
        (_settings, _kept, _linger, _instruments, _logger) = (settings, kept, linger, instruments, logger);
        _sender = new OtlpSender(settings, dialer, time, logger);
        _breaker = new CircuitBreaker(settings.BreakerFailures, settings.Retry.InitialInterval, settings.Retry.MaxInterval, time);
        _deadLetters = new DeadLetters(dataPath, settings.Name);
        _progress = new FrameProgress(cursor);
        _taken = cursor.Done;
    }

    public override CircuitState? Circuit => _breaker.State;

    public override async Task PumpAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var (committed, finished) = (Journal.Committed.NextAsync(), _finished.NextAsync());
                while (Journal.Read(_taken + 1) is { } frame)
                {
                    await TakeInAsync(frame, cancellationToken);
                    SaveWhenDue();
                }

                var due = SendOpen();
                SaveWhenDue();
                if (_open.Count == 0 && Volatile.Read(ref _inFlight) == 0)
                {
                    ThrowIfFailed();
                    return;
                }

                await (due is null ? Task.WhenAny(committed, finished) : Task.WhenAny(committed, finished, due)).WaitAsync(cancellationToken);
                ThrowIfFailed();
            }
        }
        catch
        {
            await AbandonAsync();
            throw;
        }
    }

    public DeadLetters Letters => _deadLetters;

    /// <summary>Sends a dead letter again, once, beside whatever is on its way.</summary>
    public Task<OtlpSendResult> ResendAsync(TenantId tenant, Signal signal, ReadOnlyMemory<byte> request, CancellationToken cancellationToken) =>
        _sender.SendAsync(tenant, signal, [request], cancellationToken);

    /// <summary>Records that were dead letters are at the store.</summary>
    public void OnResent(int records)
    {
        Cursor.Advance(0, records, -records);
        _instruments.OnExported(Name, "resent", records);
    }

    public override Task FlushAsync(CancellationToken cancellationToken)
    {
        Cursor.Save();
        _sender.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>A whole batch is read to where it is sent from; one that is to be sliced, or marked as a replay's, to where that is done from.</summary>
    Memory<byte> IPayloadTarget.Reserve(in BatchEntry entry, int length)
    {
        if (_isReadingWhole && entry.ReplayMark is null)
        {
            return RequestFor(entry, length).GetMemory(length);
        }

        if (_scratch.Length < length)
        {
            _scratch = new byte[Math.Max(length, _scratch.Length * 2)];
        }

        return _scratch.AsMemory(0, length);
    }

    private async ValueTask TakeInAsync(JournalFrame frame, CancellationToken cancellationToken)
    {
        var progress = _progress.Begin(frame.Number);
        var batches = frame.Batches;
        for (var i = 0; i < batches.Count; i++)
        {
            var batch = batches[i];
            if (!batch.IsWhole && batch.Kept.Count == 0)
            {
                continue;
            }

            _isReadingWhole = batch.IsWhole;
            if (!_kept.TryReadPayload(batch, this, out var read))
            {
                OnLost(batch, _instruments);
                continue;
            }

            TakeIn(frame, batch, read, progress);
            while (_ready.TryPeek(out var full))
            {
                await SlotAsync(cancellationToken);
                _ready.Dequeue();
                Send(full);
            }
        }

        _taken = frame.Number;
        _progress.Settle(progress, 0, 0);
    }

    private void TakeIn(JournalFrame frame, BatchDecision batch, in KeptPayload read, FrameProgress.Frame progress)
    {
        var entry = read.Entry;
        var request = RequestFor(entry, read.Payload.Length);
        if (batch.IsWhole && entry.ReplayMark is { } mark)
        {
            _slicer.Mark(entry.Signal.ToOtlp(), read.Payload.Span, entry.RecordCount, mark, request);
        }
        else if (batch.IsWhole)
        {
            request.Advance(read.Payload.Length);
        }
        else
        {
            _slicer.Slice(entry.Signal.ToOtlp(), read.Payload.Span, batch, read.IsSliced, frame.Stamps, entry.ReplayMark, request);
        }

        _progress.Expect(progress);
        request.Add(progress, batch.Sequence, entry.AcceptedAtUnixNano, batch.IsWhole ? entry.RecordCount : batch.Kept.Count);
        _openBytes += request.Capacity - request.Counted;
        request.Counted = request.Capacity;
        if (request.Length >= _settings.MaxRequestBytes)
        {
            Close(request);
        }
        else if (_openBytes > MaxOpenBytes)
        {
            Close(Oldest()!);
        }
    }

    /// <summary>The request that a batch joins; one that it would make too long is closed before.</summary>
    private OutgoingRequest RequestFor(in BatchEntry entry, int length)
    {
        var key = (entry.Tenant, entry.Signal);
        if (_open.TryGetValue(key, out var request))
        {
            if (request.Length + length <= _settings.MaxRequestBytes || request.Length == 0)
            {
                return request;
            }

            Close(request);
        }

        _open.Add(key, request = new OutgoingRequest(entry.Tenant, entry.Signal, Time.GetUtcNow()));
        _byAge.Enqueue(request);
        return request;
    }

    private OutgoingRequest? Oldest()
    {
        while (_byAge.TryPeek(out var oldest))
        {
            if (!oldest.IsClosed)
            {
                return oldest;
            }

            _byAge.Dequeue();
        }

        return null;
    }

    private void Close(OutgoingRequest request)
    {
        request.IsClosed = true;
        _open.Remove((request.Tenant, request.Signal));
        _openBytes -= request.Counted;
        if (request.Parts.Count > 0)
        {
            _ready.Enqueue(request);
        }
        else
        {
            // Opened for a batch that could not be read.
            request.Dispose();
        }
    }

    /// <summary>What is open goes when it has waited for its time, as far as there are slots, and joins more while there are none.</summary>
    /// <returns>Ends when the next may be due; null when none waits for its time.</returns>
    private Task? SendOpen()
    {
        while (Volatile.Read(ref _inFlight) < _settings.Consumers && Oldest() is { } oldest)
        {
            var wait = oldest.OpenedAt + _linger - Time.GetUtcNow();
            if (wait > TimeSpan.Zero)
            {
                // One timer at a time: it may end early for what is the oldest by then, and is set again.
                return _due = _due.IsCompleted ? Task.Delay(wait, Time, CancellationToken.None) : _due;
            }

            Close(oldest);
            if (_ready.TryDequeue(out var ready))
            {
                Send(ready);
            }
        }

        return null;
    }

    private void Send(OutgoingRequest request)
    {
        Interlocked.Increment(ref _inFlight);
        _ = DeliverAsync(request, new Stops(_waits.Token, _attempts.Token));
    }

    private async ValueTask SlotAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var finished = _finished.NextAsync();
            ThrowIfFailed();
            if (Volatile.Read(ref _inFlight) < _settings.Consumers)
            {
                return;
            }

            await finished.WaitAsync(cancellationToken);
            SaveWhenDue();
        }
    }

    private void ThrowIfFailed()
    {
        if (Volatile.Read(ref _failure) is { } failure)
        {
            throw new IOException($"a request could not be brought to its end: {failure.Message}", failure);
        }
    }
}
