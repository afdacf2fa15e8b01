using System.Buffers;
using System.Globalization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Otlp;
using StellaOps.Telemetry.Replay.Batches;
using StellaOps.Telemetry.Replay.Sending;
using StellaOps.Telemetry.Replay.State;

namespace StellaOps.Telemetry.Replay;

/// <summary>
/// Replays a bundle: in order, one batch at a time, each acknowledged batch in the state before the next is sent, so that it can be cut at any
/// moment and go on.
/// </summary>
/// <remarks>
/// 1. the state: a new one, or one of this very replay; 2. an empty request asks whether the endpoint understands the mark and takes it; 3. the
/// batches; 4. the state says that it is finished.
/// </remarks>
public sealed class ReplayEngine(ReplayJob job, IReplaySender sender, ReplayStateFile file, TimeProvider time, Action<ReplayProgress> onProgress)
{
    /// <summary>What a shifted replay's id ends with: whoever sees the id sees that these are not the bundle's bytes.</summary>
    public const string ShiftedSuffix = ".shifted";

    private const int MaxFaults = 20;

    // A tenant that was just registered is known to gateways within 2 s.
    private const int MaxProbes = 6;
    private static readonly TimeSpan s_probeWait = TimeSpan.FromMilliseconds(500);

    private readonly ReplayDelivery _delivery = new(sender, time);
    private readonly ArrayBufferWriter<byte> _marked = new();
    private readonly List<string> _faults = [];
    private ReplayState _state = null!;
    private AttributeSet? _attribute;
    private long _sent;

    /// <summary>Runs, or goes on.</summary>
    /// <param name="restart">Begins anew, whatever the state says.</param>
    /// <exception cref="ReplayException">It ended before its end.</exception>
    public async Task<ReplayResult> RunAsync(bool restart, CancellationToken cancellationToken)
    {
        var kept = restart ? null : Fitting(file.Read());
        _state = kept ?? Begin();
        if (_state.FinishedAt is null)
        {
            file.Write(_state);
            await ProbeAsync(cancellationToken).ConfigureAwait(false);
            await SendAllAsync(cancellationToken).ConfigureAwait(false);
            Keep(_state with { FinishedAt = time.GetUtcNow() });
        }

        return new ReplayResult(_state, kept is not null, _faults);
    }

    private ReplayState Begin()
    {
        var id = Guid.NewGuid().ToString("n") + (job.ShiftNanoseconds == 0 ? "" : ShiftedSuffix);
        var now = time.GetUtcNow();
        return new ReplayState(
            ReplayState.SchemaId, id, job.Subject, job.Batching, job.ShiftNanoseconds.ToString(CultureInfo.InvariantCulture), now, now, IsMarkUnderstood: null, 0, [], FinishedAt: null);
    }

    private ReplayState? Fitting(ReplayState? kept)
    {
        if (kept is null || kept.Subject == job.Subject)
        {
            return kept;
        }

        var (theirs, ours) = (kept.Subject, job.Subject);
        var what = theirs.ArchiveHash != ours.ArchiveHash ? $"another bundle ({theirs.ArchiveHash})"
            : theirs.Endpoint != ours.Endpoint || theirs.Protocol != ours.Protocol ? $"a replay to {theirs.Endpoint} by {theirs.Protocol}"
            : theirs.Tenant != ours.Tenant ? $"a replay into tenant '{theirs.Tenant ?? "of a token"}'"
            : theirs.Shift != ours.Shift ? $"a replay shifted by '{theirs.Shift ?? "nothing"}'"
            : "a replay with other marks";
        throw new ReplayException(
            ReplayFault.StateOfAnother,
            $"the state file is of {what}, of which {kept.Acknowledged} batches were acknowledged{(kept.FinishedAt is null ? "" : ", its last")}",
            "name another with --state-file, or begin anew over it with --restart");
    }

    /// <summary>Before the first record is sent: whether the endpoint knows what a replay is, and takes this one.</summary>
    private async Task ProbeAsync(CancellationToken cancellationToken)
    {
        if (job.Manifest.Signals.Count == 0)
        {
            return;
        }

        _ = SignalNames.TryParse(job.Manifest.Signals.Keys.Order(StringComparer.Ordinal).First(), out var signal);
        ReplayAnswer answer = default;
        for (var i = 1; ; i++)
        {
            try
            {
                answer = await _delivery.SendAsync(signal, default, new ReplayMark(_state.ReplayId, 0), Trouble, cancellationToken).ConfigureAwait(false);
                break;
            }
            catch (ReplayException e) when (e.Fault == ReplayFault.NotAllowed && e.Message.Contains("not registered", StringComparison.Ordinal) && i < MaxProbes)
            {
                await Task.Delay(s_probeWait, time, cancellationToken).ConfigureAwait(false);
            }
            catch (ReplayException e) when (e.Fault == ReplayFault.Refused && job.AllowForeign)
            {
                // Some do not like a request without records. What they think of one with records they will say.
                break;
            }
        }

        if (!answer.IsMarkUnderstood && !job.AllowForeign)
        {
            throw new ReplayException(
                ReplayFault.NotAGateway,
                $"{job.Subject.Endpoint} does not understand the replay mark: nothing there keeps these records apart from live ones. Nothing was sent",
                "name a gateway, or spell --foreign: each record then carries the attribute " + ReplayMark.Attribute);
        }

        if (_state.IsMarkUnderstood is { } before && before != answer.IsMarkUnderstood)
        {
            throw new ReplayException(
                ReplayFault.StateOfAnother,
                $"{job.Subject.Endpoint} {(before ? "understood" : "did not understand")} the replay mark when this replay began, and now it is otherwise",
                "see what listens there; --restart begins anew");
        }

        Keep(_state with { IsMarkUnderstood = answer.IsMarkUnderstood });
        _attribute = answer.IsMarkUnderstood || job.Subject.IsUnmarked ? null : new AttributeSet().Add(ReplayMark.Attribute, _state.ReplayId);
    }

    private async Task SendAllAsync(CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        ulong? firstEvent = null;
        await foreach (var batch in ReplayBatches.ReadAsync(job.Files, _state.Batching, cancellationToken).ConfigureAwait(false))
        {
            if (batch.Ordinal < _state.Acknowledged)
            {
                continue;
            }

            firstEvent ??= batch.FirstEventTimeUnixNano;
            var sinceFirst = batch.FirstEventTimeUnixNano > firstEvent ? TimeSpan.FromTicks((long)((batch.FirstEventTimeUnixNano - firstEvent.Value) / 100)) : TimeSpan.Zero;
            var due = job.Pace.DueAt(_sent, sinceFirst) - time.GetElapsedTime(started);
            if (due > TimeSpan.Zero)
            {
                await Task.Delay(due, time, cancellationToken).ConfigureAwait(false);
            }

            var answer = await _delivery.SendAsync(batch.Signal, Ready(batch), new ReplayMark(_state.ReplayId, batch.Ordinal), Trouble, cancellationToken).ConfigureAwait(false);
            if (answer.IsMarkUnderstood != _state.IsMarkUnderstood)
            {
                throw new ReplayException(
                    ReplayFault.NotAGateway, $"batch {batch.Ordinal} was taken by another kind of endpoint than the batches before", "see what listens at the endpoint, and run the same command again");
            }

            Take(batch, answer);
        }

        CheckComplete();
    }

    /// <summary>The bytes to send: those of the bundle, but for what was asked for.</summary>
    private ReadOnlyMemory<byte> Ready(in ReplayBatch batch)
    {
        var signal = (OtlpSignal)batch.Signal;
        var shift = long.Parse(_state.ShiftNanoseconds, CultureInfo.InvariantCulture);
        if (shift != 0 && !RecordTimes.TryShift(signal, batch.Request.Span, shift))
        {
            throw new ReplayException(ReplayFault.BundleUnfit, $"batch {batch.Ordinal} has a time that shifted by {_state.Subject.Shift} would be none", "shift less, or not at all");
        }

        if (_attribute is null)
        {
            return batch.Request;
        }

        _marked.ResetWrittenCount();
        return OtlpSlicer.Slice(signal, batch.Request.Span, [.. Enumerable.Range(0, batch.Records)], [_attribute], _marked)
            ? _marked.WrittenMemory
            : throw new ReplayException(ReplayFault.BundleUnfit, $"batch {batch.Ordinal} is no OTLP request", "verify the bundle");
    }

    private void Take(in ReplayBatch batch, in ReplayAnswer answer)
    {
        var signal = batch.Signal;
        var rejected = Math.Min(answer.Rejected, batch.Records);
        if (rejected > 0 && _faults.Count < MaxFaults)
        {
            _faults.Add($"batch {batch.Ordinal} of {signal.ToName()}: {rejected} of {batch.Records} records rejected: {(answer.Reason.Length == 0 ? "no reason given" : answer.Reason)}");
        }

        var before = _state.Signals.FirstOrDefault(s => s.Signal == signal) ?? new ReplaySignalState(signal, 0, 0, 0);
        var now = new ReplaySignalState(signal, before.Sent + batch.Records, before.Accepted + batch.Records - rejected, before.Rejected + rejected);
        _sent += batch.Records;
        Keep(_state with { Acknowledged = batch.Ordinal + 1, Signals = [.. _state.Signals.Where(s => s.Signal != signal).Append(now).OrderBy(s => s.Signal)] });
        Tell(null);
    }

    private void CheckComplete()
    {
        foreach (var (name, manifest) in job.Manifest.Signals)
        {
            var sent = _state.Signals.FirstOrDefault(s => s.Signal.ToName() == name)?.Sent ?? 0;
            if (sent != manifest.Records)
            {
                throw new ReplayException(ReplayFault.BundleUnfit, $"the archive held {sent} {name}, its manifest says {manifest.Records}", "verify the bundle");
            }
        }
    }

    private void Keep(ReplayState state)
    {
        _state = state with { UpdatedAt = time.GetUtcNow() };
        file.Write(_state);
    }

    private void Trouble(string what) => Tell(what);

    private void Tell(string? trouble) => onProgress(new ReplayProgress(_state.Signals.Sum(s => s.Sent), _sent, job.Records, trouble));
}
