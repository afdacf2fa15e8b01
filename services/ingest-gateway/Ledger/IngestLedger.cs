using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Evidence.Canonical;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling;

namespace StellaOps.Telemetry.IngestGateway.Ledger;

/// <summary>
/// Counts by minute of acceptance, tenant and signal. Derived: a checkpoint plus log and journal behind it give the same numbers after a
/// crash, so neither is reused or trimmed before it is in a checkpoint. A settled hour becomes a file that names the hash of the one before.
/// </summary>
internal sealed class IngestLedger : ILedger, IRetentionHolder
{
    private const long SecondsPerHour = 3600;
    private const long RecentSeconds = 60;

    /// <summary>
    /// Rows of many tenants take long to write out: the time between two checkpoints is at least so many times what the last one cost, up to
    /// <see cref="s_longestRest"/>, since the log is held for just as long.
    /// </summary>
    private const int RestFactor = 50;

    private static readonly TimeSpan s_longestRest = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly TimeProvider _time;
    private readonly string _folder;
    private readonly string _gatewayId;
    private readonly Dictionary<(long Minute, TenantId Tenant, Signal Signal), Counts> _rows = [];
    private readonly (long Second, long Kept, long SampledOut)[] _recent = new (long, long, long)[RecentSeconds];
    private (long Minute, TenantId Tenant, Signal Signal) _lastKey;
    private Counts? _lastRow;
    private TimeSpan _rest;
    private long _checkpointed;
    private ulong _acceptedUpTo;
    private ulong _frame;
    private ulong _needed;
    private bool _isDirty;
    private long _writtenHour;
    private string? _lastHash;

    public IngestLedger(GatewayPipelineOptions options, BatchLog log, DecisionJournal journal, TimeProvider time)
    {
        (_time, _folder, _gatewayId) = (time, Path.Combine(options.DataPath, "ledger"), options.GatewayId);
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var path = CheckpointPath;
        if (File.Exists(path) && JsonSerializer.Deserialize(File.ReadAllBytes(path), LedgerJson.Default.LedgerCheckpoint) is { } checkpoint)
        {
            (_acceptedUpTo, _frame, _writtenHour, _lastHash) = (checkpoint.Sequence, checkpoint.Frame, checkpoint.WrittenHour, checkpoint.LastHash);
            foreach (var row in checkpoint.Rows)
            {
                _rows[(row.Minute, row.Tenant, row.Signal)] = new Counts { Accepted = row.Accepted, Kept = row.Kept, SampledOut = row.SampledOut };
            }
        }

        // Frames lost with the machine: their batches are decided anew.
        var first = Math.Max(_frame + 1, journal.FirstFrame);
        _frame = Math.Min(_frame, journal.LastFrame);
        foreach (var entry in log.EntriesFrom(_acceptedUpTo + 1))
        {
            Accept(entry);
        }

        for (var number = first; journal.Read(number) is { } frame; number++)
        {
            foreach (var batch in frame.Batches)
            {
                if (log.TryFind(batch.Sequence, out var entry))
                {
                    Count(new BatchOutcome(entry, batch.KeptCount, batch.SampledOutCount));
                }
            }

            _frame = number;
        }

        _needed = 1;
        _isDirty = true;
    }

    /// <summary>What the last checkpoint has not taken in yet.</summary>
    public ulong NeededFrom => Volatile.Read(ref _needed);

    /// <summary>The last frame that the checkpoint holds.</summary>
    public ulong CheckpointFrame { get; private set; }

    private string CheckpointPath => Path.Combine(_folder, "open.json");

    public void Accept(in BatchEntry entry)
    {
        lock (_lock)
        {
            if (entry.Sequence <= _acceptedUpTo)
            {
                return;
            }

            _acceptedUpTo = entry.Sequence;
            Row(entry).Accepted += entry.RecordCount;
            _isDirty = true;
        }
    }

    public void Decide(List<BatchOutcome> outcomes, ulong frame, long nowUnixNano)
    {
        lock (_lock)
        {
            long kept = 0;
            long dropped = 0;
            foreach (var outcome in outcomes)
            {
                Count(outcome);
                if (outcome.Entry.Signal == Signal.Traces)
                {
                    kept += outcome.Kept;
                    dropped += outcome.SampledOut;
                }
            }

            _frame = frame;
            _isDirty = true;
            ref var recent = ref _recent[nowUnixNano / UnixNano.PerSecond % RecentSeconds];
            var second = nowUnixNano / UnixNano.PerSecond;
            recent = recent.Second == second ? (second, recent.Kept + kept, recent.SampledOut + dropped) : (second, kept, dropped);
        }
    }

    /// <summary>Share of the spans decided in the last minute that were kept.</summary>
    public double KeptPercent(long nowUnixNano)
    {
        lock (_lock)
        {
            var since = (nowUnixNano / UnixNano.PerSecond) - RecentSeconds;
            var kept = _recent.Where(r => r.Second >= since).Sum(r => r.Kept);
            var all = kept + _recent.Where(r => r.Second >= since).Sum(r => r.SampledOut);
            return all == 0 ? 100 : 100.0 * kept / all;
        }
    }

    public IReadOnlyList<LedgerRow> Query(TenantId? tenant, long fromUnixNano, long toUnixNano)
    {
        var from = fromUnixNano / UnixNano.PerSecond / 60 * 60;
        lock (_lock)
        {
            var oldestInMemory = _rows.Count == 0 ? long.MaxValue : _rows.Keys.Min(k => k.Minute);
            return
            [
                .. ReadHours(from, Math.Min(oldestInMemory, toUnixNano / UnixNano.PerSecond))
                    .Concat(_rows.Select(r => r.Value.ToRow(r.Key)))
                    .Where(r => (tenant is null || r.Tenant == tenant) && r.Minute >= from && r.Minute * UnixNano.PerSecond < toUnixNano)
                    .OrderBy(r => r.Minute).ThenBy(r => r.Tenant.Value, StringComparer.Ordinal).ThenBy(r => r.Signal),
            ];
        }
    }

    /// <summary>Writes settled hours and a checkpoint. Called between frames: log and journal positions agree.</summary>
    /// <param name="isLast">Whether the process ends: it is written, however long the last one took.</param>
    public void Checkpoint(DecisionJournal journal, long nowUnixNano, bool isLast = false)
    {
        lock (_lock)
        {
            if (!_isDirty || (!isLast && _time.GetElapsedTime(_checkpointed) < _rest))
            {
                return;
            }

            var started = _time.GetTimestamp();
            WriteSettledHours(nowUnixNano);
            var rows = _rows.Select(r => r.Value.ToRow(r.Key)).ToList();
            var bytes = JsonSerializer.SerializeToUtf8Bytes(
                new LedgerCheckpoint(_acceptedUpTo, _frame, _writtenHour, _lastHash, rows), LedgerJson.Default.LedgerCheckpoint);
            var cost = _time.GetElapsedTime(started) * RestFactor;
            _rest = cost < s_longestRest ? cost : s_longestRest;
            DurableFile.Write(CheckpointPath, bytes);
            CheckpointFrame = _frame;
            Volatile.Write(ref _needed, Math.Min(_acceptedUpTo + 1, journal.LowAfter(_frame)));
            _isDirty = false;
            _checkpointed = _time.GetTimestamp();
        }
    }

    /// <summary>What is written to an hour's file leaves memory: it is final, and queries find it there.</summary>
    private void WriteSettledHours(long nowUnixNano)
    {
        var current = nowUnixNano / UnixNano.PerSecond / SecondsPerHour * SecondsPerHour;
        foreach (var hour in _rows.Keys.Select(k => k.Minute / SecondsPerHour * SecondsPerHour).Distinct().Order().ToList())
        {
            var keys = _rows.Keys.Where(k => k.Minute / SecondsPerHour * SecondsPerHour == hour).ToList();
            if (hour >= current || keys.Exists(k => _rows[k].Undecided > 0))
            {
                break;
            }

            if (hour > _writtenHour)
            {
                var rows = keys.Select(k => _rows[k].ToRow(k)).OrderBy(r => r.Minute).ThenBy(r => r.Tenant.Value, StringComparer.Ordinal).ThenBy(r => r.Signal).ToList();
                var bytes = CanonicalJson.Serialize(new LedgerHour(LedgerHour.SchemaId, _gatewayId, hour, _lastHash, rows), LedgerJson.Default.LedgerHour);
                DurableFile.Write(HourPath(hour), bytes);
                _lastHash = Convert.ToHexStringLower(SHA256.HashData(bytes));
                _writtenHour = hour;
            }

            keys.ForEach(k => _rows.Remove(k));
            _lastRow = null;
        }
    }

    private IEnumerable<LedgerRow> ReadHours(long from, long below)
    {
        for (var hour = from / SecondsPerHour * SecondsPerHour; hour < below && hour <= _writtenHour; hour += SecondsPerHour)
        {
            if (File.Exists(HourPath(hour)) && JsonSerializer.Deserialize(File.ReadAllBytes(HourPath(hour)), LedgerJson.Default.LedgerHour) is { } file)
            {
                foreach (var row in file.Rows.Where(r => !_rows.ContainsKey((r.Minute, r.Tenant, r.Signal))))
                {
                    yield return row;
                }
            }
        }
    }

    private string HourPath(long hour) =>
        Path.Combine(_folder, DateTimeOffset.FromUnixTimeSeconds(hour).ToString("yyyyMMddHH", CultureInfo.InvariantCulture) + ".json");

    private void Count(in BatchOutcome outcome)
    {
        var row = Row(outcome.Entry);
        row.Kept += outcome.Kept;
        row.SampledOut += outcome.SampledOut;
    }

    private Counts Row(in BatchEntry entry)
    {
        var key = (entry.AcceptedAtUnixNano / UnixNano.PerSecond / 60 * 60, entry.Tenant, entry.Signal);
        if (_lastRow is not null && _lastKey == key)
        {
            return _lastRow;
        }

        if (!_rows.TryGetValue(key, out var row))
        {
            _rows.Add(key, row = new Counts());
        }

        (_lastKey, _lastRow) = (key, row);
        return row;
    }

    private sealed class Counts
    {
        private static readonly Dictionary<string, long> s_none = [];

        public long Accepted { get; set; }

        public long Kept { get; set; }

        public long SampledOut { get; set; }

        public long Undecided => Accepted - Kept - SampledOut;

        public LedgerRow ToRow((long Minute, TenantId Tenant, Signal Signal) key) =>
            new(key.Minute, key.Tenant, key.Signal, Accepted, Kept, SampledOut, s_none, Undecided);
    }
}

/// <summary>The ledger up to a place in log and journal.</summary>
internal sealed record LedgerCheckpoint(ulong Sequence, ulong Frame, long WrittenHour, string? LastHash, IReadOnlyList<LedgerRow> Rows);

/// <summary>A settled hour: canonical JSON, chained by the SHA-256 of the file before.</summary>
internal sealed record LedgerHour(string Schema, string GatewayId, long Hour, string? Previous, IReadOnlyList<LedgerRow> Rows)
{
    public const string SchemaId = "https://stella-ops.org/telemetry/ledger/v1";
}

/// <summary>JSON of the pipeline's files.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(LedgerCheckpoint))]
[JsonSerializable(typeof(LedgerHour))]
[JsonSerializable(typeof(Exporters.CursorState))]
[JsonSerializable(typeof(Exporters.DeadLetter))]
[JsonSerializable(typeof(Contracts.Promotions.PromotionAck))]
internal sealed partial class LedgerJson : JsonSerializerContext;
