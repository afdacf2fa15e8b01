using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Replays;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Replays;

/// <summary>
/// Stands before the log and knows what was taken of each replay, so that a batch that comes twice is logged and counted once, and whoever
/// replays can ask what arrived. All that carries no mark passes by.
/// </summary>
/// <remarks>Derived, as the ledger is: a checkpoint plus the log behind it give the same after a crash, so the log waits for the checkpoint.</remarks>
internal sealed partial class ReplayRegister : IBatchLog, IRetentionHolder
{
    /// <summary>Batches remembered, of all replays; above it the replay that was silent longest is forgotten. 4 bytes each.</summary>
    public const int MaxBatches = 4_000_000;

    private readonly Lock _lock = new();
    private readonly BatchLog _log;
    private readonly TimeProvider _time;
    private readonly ILogger<ReplayRegister> _logger;
    private readonly string _gatewayId;
    private readonly string _path;
    private readonly Dictionary<(TenantId Tenant, string ReplayId), ReplayState> _replays = [];
    private long _room;
    private ulong _needed = 1;
    private long _changes;
    private long _checkpointed;

    public ReplayRegister(GatewayPipelineOptions options, BatchLog log, TimeProvider time, ILogger<ReplayRegister> logger)
    {
        (_log, _time, _logger, _gatewayId, _path) = (log, time, logger, options.GatewayId, Path.Combine(options.DataPath, "replays.json"));
        var checkpoint = Read();
        foreach (var replay in checkpoint?.Replays ?? [])
        {
            var state = ReplayState.Of(replay);
            _replays[(replay.Tenant, replay.ReplayId)] = state;
            _room += state.Room;
        }

        foreach (var entry in log.EntriesFrom((checkpoint?.Sequence ?? 0) + 1))
        {
            if (ReplayMark.TryParse(entry.ReplayMark, out var mark))
            {
                AddLocked(StateOf(entry.Tenant, mark.ReplayId), mark.Ordinal, entry.Signal, entry.RecordCount, entry.AcceptedAtUnixNano);
            }
        }

        Checkpoint();
    }

    /// <summary>What the last checkpoint has not taken in yet.</summary>
    public ulong NeededFrom => Volatile.Read(ref _needed);

    public ValueTask<AppendOutcome> AppendAsync(IngestBatch batch, CancellationToken cancellationToken) =>
        ReplayMark.TryParse(batch.ReplayMark, out var mark) ? AppendOnceAsync(batch, mark, cancellationToken) : _log.AppendAsync(batch, cancellationToken);

    /// <summary>What was taken of a replay; null when nothing was, or it is forgotten.</summary>
    public ReplayResponse? Find(TenantId tenant, string replayId)
    {
        lock (_lock)
        {
            return _replays.TryGetValue((tenant, replayId), out var replay) && replay.Batches > 0 ? replay.ToResponse(_gatewayId, tenant, replayId) : null;
        }
    }

    /// <summary>Makes durable what changed, and lets the log go. By one at a time.</summary>
    public void Checkpoint()
    {
        byte[]? bytes = null;
        ulong upTo;
        long changes;
        lock (_lock)
        {
            // Read before anything is: what is not settled by now has a sequence at or above the one that it was reserved at.
            upTo = _log.VisibleSequence;
            foreach (var replay in _replays.Values)
            {
                upTo = Math.Min(upTo, replay.SettledBelow - 1);
            }

            changes = _changes;
            if (changes != _checkpointed)
            {
                bytes = JsonSerializer.SerializeToUtf8Bytes(
                    new ReplayCheckpoint(upTo, [.. _replays.Where(r => r.Value.Batches > 0).Select(r => r.Value.ToRow(r.Key.Tenant, r.Key.ReplayId))]), ReplaysJson.Default.ReplayCheckpoint);
            }
        }

        if (bytes is not null)
        {
            // When this fails nothing is let go, and the next one writes it all.
            DurableFile.Write(_path, bytes);
            _checkpointed = changes;
        }

        Volatile.Write(ref _needed, Math.Max(_needed, upTo + 1));
    }

    private async ValueTask<AppendOutcome> AppendOnceAsync(IngestBatch batch, ReplayMark mark, CancellationToken cancellationToken)
    {
        ReplayState replay;
        lock (_lock)
        {
            replay = StateOf(batch.Tenant, mark.ReplayId);
            if (replay.Reserve(mark.Ordinal, batch.Signal, batch.RecordCount, _log.NextSequence) is { } known)
            {
                return known;
            }
        }

        var isTaken = false;
        try
        {
            var outcome = await _log.AppendAsync(batch, cancellationToken);
            isTaken = outcome == AppendOutcome.Accepted;
            return outcome;
        }
        finally
        {
            lock (_lock)
            {
                replay.Settle(mark.Ordinal);
                if (isTaken)
                {
                    AddLocked(replay, mark.Ordinal, batch.Signal, batch.RecordCount, UnixNano.Of(_time.GetUtcNow()));
                }

                ForgetLocked(replay);
            }
        }
    }

    private ReplayState StateOf(TenantId tenant, string replayId)
    {
        if (!_replays.TryGetValue((tenant, replayId), out var replay))
        {
            _replays.Add((tenant, replayId), replay = new ReplayState());
            _room += replay.Room;
        }

        return replay;
    }

    private void AddLocked(ReplayState replay, long ordinal, Signal signal, int records, long acceptedAtUnixNano)
    {
        var before = replay.Room;
        replay.Add(ordinal, signal, records, acceptedAtUnixNano);
        _room += replay.Room - before;
        _changes++;
    }

    /// <summary>Keeps the bound; a replay that nothing came of takes room too, so that names alone are bounded.</summary>
    private void ForgetLocked(ReplayState current)
    {
        while (_room > MaxBatches
            && _replays.Where(r => r.Value != current && !r.Value.IsBusy).OrderBy(r => r.Value.LastAcceptedAt).Select(r => ((TenantId, string)?)r.Key).FirstOrDefault() is { } oldest)
        {
            _replays.Remove(oldest, out var gone);
            _room -= gone!.Room;
            LogForgotten(oldest.Item2, oldest.Item1.Value, MaxBatches);
        }
    }

    private ReplayCheckpoint? Read()
    {
        try
        {
            return File.Exists(_path) ? JsonSerializer.Deserialize(File.ReadAllBytes(_path), ReplaysJson.Default.ReplayCheckpoint) : null;
        }
        catch (JsonException e)
        {
            LogUnreadable(_path, e.Message);
            return null;
        }
    }

    [LoggerMessage(PipelineEventIds.ReplaysUnreadable, LogLevel.Error, "{File} is not what was written: {Reason}; only what the log still holds of replays is known")]
    private partial void LogUnreadable(string file, string reason);

    [LoggerMessage(PipelineEventIds.ReplayForgotten, LogLevel.Warning, "replay {ReplayId} of tenant {Tenant} is forgotten: there are more than {Limit} batches of later ones")]
    private partial void LogForgotten(string replayId, string tenant, int limit);
}
