using System.Buffers;
using StellaOps.Telemetry.Archive;
using StellaOps.Telemetry.IngestGateway.Exporters;
using StellaOps.Telemetry.IngestGateway.Journal;
using StellaOps.Telemetry.IngestGateway.Log;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Spill;

/// <summary>
/// Stands between the log and its exporters: what a lagging one still needs of a file is copied aside before the file is reused, so that the
/// log goes on. Up to <see cref="Apply"/>'s bound; above it the log waits for the slowest, and refuses when it is full.
/// </summary>
internal sealed partial class SpillStore : IRetentionHolder, IDisposable
{
    // One file is begun while the next is made free.
    private const int FilesAhead = 2;
    private const int LoadedFiles = 4;
    private const int TicksToRetry = 20;
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly BatchLog _log;
    private readonly SpillWriter _writer;
    private readonly TimeProvider _time;
    private readonly ILogger<SpillStore> _logger;
    private readonly Queue<SpillFile> _loaded = [];
    private SpillFile[] _files = [];
    private ExporterCursor[] _cursors = [];
    private ulong _spilledTo;
    private long _maxBytes;
    private long _bytes;
    private string? _trouble;
    private int _wait;

    public SpillStore(string dataPath, BatchLog log, DecisionJournal journal, long maxBytes, TimeProvider time, ILogger<SpillStore> logger)
    {
        (_folder, _log, _maxBytes, _time, _logger) = (Path.Combine(dataPath, "spill"), log, maxBytes, time, logger);
        _writer = new SpillWriter(_folder, log, journal);
        Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var files = new List<SpillFile>();
        foreach (var path in Directory.EnumerateFiles(_folder).Order(StringComparer.Ordinal).ToList())
        {
            if (!path.EndsWith(SpillFile.Suffix, StringComparison.Ordinal))
            {
                // Of a process that died while it wrote: the log still holds what it was to hold.
                File.Delete(path);
            }
            else if (SpillFile.Open(path) is { } file)
            {
                files.Add(file);
            }
            else
            {
                File.Move(path, path + ".damaged", overwrite: true);
                LogDamaged(path);
            }
        }

        _files = [.. files];
        _bytes = files.Sum(f => f.Bytes);
        _spilledTo = files.Count == 0 ? 0 : files.Max(f => f.Last);
    }

    /// <summary>Bytes of all spill files.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Why a file that is needed cannot be copied aside; null when it can, or none is needed.</summary>
    public string? Trouble => Volatile.Read(ref _trouble);

    /// <summary>The slowest exporter's need, or what is not copied aside yet.</summary>
    public ulong NeededFrom => Math.Max(SlowestNeed(), Volatile.Read(ref _spilledTo) + 1);

    public void AddHolder(ExporterCursor cursor)
    {
        lock (_lock)
        {
            Volatile.Write(ref _cursors, [.. _cursors, cursor]);
        }
    }

    public void RemoveHolder(ExporterCursor cursor)
    {
        lock (_lock)
        {
            Volatile.Write(ref _cursors, [.. _cursors.Where(c => c != cursor)]);
        }
    }

    /// <summary>Takes over another bound; what is above a smaller one goes as exporters move on.</summary>
    public void Apply(long maxBytes) => Volatile.Write(ref _maxBytes, maxBytes);

    /// <summary>Drops what nobody needs any more, and copies aside what the log is about to want back.</summary>
    public void Pump()
    {
        Drop();
        if (_wait > 0)
        {
            _wait--;
            return;
        }

        while (_log.TryFindHeld(this, FilesAhead, out var first, out var last))
        {
            if (!TrySpill(first, last))
            {
                _wait = TicksToRetry;
                return;
            }
        }

        Succeeded();
    }

    public async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                Pump();
            }
            catch (Exception e)
            {
                // Whatever it was, the log goes on without the spill as long as it can, and this tries again.
                Failed(e.Message, e);
            }

            await Task.Delay(s_tick, _time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Reads what a decision keeps of a batch. False when it is not here, or damaged.</summary>
    public bool TryRead(in BatchDecision decision, ref byte[] buffer, out KeptBatch batch)
    {
        batch = default;
        var sequence = decision.Sequence;
        var file = Array.Find(Volatile.Read(ref _files), f => f.First <= sequence && sequence <= f.Last);
        if (file is null || !file.TryRead(sequence, ref buffer, out var entry))
        {
            return false;
        }

        Loaded(file);
        var envelopeBytes = buffer.AsMemory(0, entry.EnvelopeLength);
        if (!Envelope.TryRead(envelopeBytes.Span, out var envelope))
        {
            return false;
        }

        var found = new BatchEntry(
            sequence, envelope.AcceptedAtUnixNano, envelope.Tenant, envelope.Signal, envelope.RecordCount, SpillFormat.HeaderLength, entry.EnvelopeLength, entry.PayloadLength, envelope.ReplayMark);
        var payload = buffer.AsMemory(entry.EnvelopeLength, entry.PayloadLength);
        if (envelope.Kept is null)
        {
            batch = new KeptBatch(found, envelopeBytes, payload, IsSliced: false);
            return true;
        }

        return !decision.IsWhole && TrySlice(found, envelopeBytes, payload, envelope.Kept, decision.Kept, ref buffer, out batch);
    }

    public void Dispose()
    {
        foreach (var file in _files)
        {
            file.Dispose();
        }
    }

    /// <summary>The file carries what all frames need of the batch, and one frame may need less.</summary>
    private static bool TrySlice(
        BatchEntry entry, ReadOnlyMemory<byte> envelope, ReadOnlyMemory<byte> payload, IReadOnlyList<KeptRecord> carried, ReadOnlySpan<KeptRecord> kept, ref byte[] buffer, out KeptBatch batch)
    {
        batch = default;
        var positions = new int[kept.Length];
        for (int at = 0, i = 0; i < kept.Length; i++)
        {
            while (at < carried.Count && carried[at].Index < kept[i].Index)
            {
                at++;
            }

            if (at == carried.Count || carried[at].Index != kept[i].Index)
            {
                return false;
            }

            positions[i] = at;
        }

        if (positions.Length == carried.Count)
        {
            batch = new KeptBatch(entry, envelope, payload, IsSliced: true);
            return true;
        }

        var output = new ArrayBufferWriter<byte>(envelope.Length + payload.Length);
        output.Write(envelope.Span);
        SpillWriter.Slice(entry.Signal, payload.Span, positions, output);
        buffer = output.WrittenSpan.ToArray();
        batch = new KeptBatch(entry, buffer.AsMemory(0, envelope.Length), buffer.AsMemory(envelope.Length), IsSliced: true);
        return true;
    }

    private bool TrySpill(ulong first, ulong last)
    {
        try
        {
            var after = ulong.MaxValue;
            foreach (var cursor in Volatile.Read(ref _cursors))
            {
                after = Math.Min(after, cursor.Saved);
            }

            if (_writer.Write(first, last, after, Volatile.Read(ref _maxBytes) - Bytes) is { } file)
            {
                Volatile.Write(ref _files, [.. _files, file]);
                Interlocked.Add(ref _bytes, file.Bytes);
                LogSpilled(first, last, file.Bytes, Bytes);
            }

            // Last: from here on the log may reuse the file.
            Volatile.Write(ref _spilledTo, last);
            Succeeded();
            return true;
        }
        catch (SpillFullException)
        {
            Failed($"the spill is full: {Bytes} bytes of {_maxBytes} wait for the slowest exporter", null);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            Failed($"the disk refused the spill: {e.Message}", e);
        }

        return false;
    }

    private void Drop()
    {
        var files = _files;
        var needed = SlowestNeed();
        var gone = 0;
        while (gone < files.Length && files[gone].Last < needed)
        {
            gone++;
        }

        if (gone == 0)
        {
            return;
        }

        Volatile.Write(ref _files, files[gone..]);
        foreach (var file in files.AsSpan(0, gone))
        {
            file.Dispose();
            File.Delete(file.Path);
            Interlocked.Add(ref _bytes, -file.Bytes);
        }

        _wait = 0;
    }

    private ulong SlowestNeed()
    {
        var needed = ulong.MaxValue - 1;
        foreach (var cursor in Volatile.Read(ref _cursors))
        {
            needed = Math.Min(needed, cursor.NeededFrom);
        }

        return needed;
    }

    private void Loaded(SpillFile file)
    {
        lock (_lock)
        {
            if (_loaded.Contains(file))
            {
                return;
            }

            _loaded.Enqueue(file);
            if (_loaded.Count > LoadedFiles)
            {
                _loaded.Dequeue().Unload();
            }
        }
    }

    private void Failed(string why, Exception? e)
    {
        if (_trouble is null)
        {
            LogFailed(e, why);
        }

        Volatile.Write(ref _trouble, why);
    }

    private void Succeeded()
    {
        if (_trouble is not null)
        {
            Volatile.Write(ref _trouble, null);
            LogGoesOn();
        }
    }

    [LoggerMessage(PipelineEventIds.Spilled, LogLevel.Information, "what a lagging exporter needs of sequences {First} to {Last} was copied aside: {Bytes} bytes, {Total} in all")]
    private partial void LogSpilled(ulong first, ulong last, long bytes, long total);

    [LoggerMessage(PipelineEventIds.SpillFailed, LogLevel.Error, "nothing more is copied aside for lagging exporters, so the log will refuse when it is full: {Why}")]
    private partial void LogFailed(Exception? e, string why);

    [LoggerMessage(PipelineEventIds.SpillGoesOn, LogLevel.Information, "the spill works again")]
    private partial void LogGoesOn();

    [LoggerMessage(PipelineEventIds.SpillDamaged, LogLevel.Error, "{Path} is damaged: what a lagging exporter needed of it is lost; it is kept as .damaged")]
    private partial void LogDamaged(string path);
}
