using System.Globalization;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.IngestGateway.Ledger;
using StellaOps.Telemetry.IngestGateway.Pipeline;

namespace StellaOps.Telemetry.IngestGateway.Exporters;

/// <summary>
/// What a store refused for good: the request as it was sent (<c>.otlp</c>) and, written last, why (<c>.json</c>). Named by frame and
/// sequence, so that a repeat after a crash replaces itself. Bounded by count and bytes: the oldest goes for the newest.
/// </summary>
internal sealed class DeadLetters
{
    public const string ReasonSuffix = ".json";
    public const string RequestSuffix = ".otlp";
    private const int UsualMaxCount = 10_000;
    private const long UsualMaxBytes = 1L << 30;

    private readonly Lock _lock = new();
    private readonly string _folder;
    private readonly int _maxCount;
    private readonly long _maxBytes;
    private readonly SortedDictionary<string, long> _sizes = new(StringComparer.Ordinal);
    private long _bytes;

    public DeadLetters(string dataPath, string exporter, int maxCount = UsualMaxCount, long maxBytes = UsualMaxBytes)
    {
        (_folder, _maxCount, _maxBytes) = (Path.Combine(FolderOf(dataPath), exporter), maxCount, maxBytes);
        if (!Directory.Exists(_folder))
        {
            return;
        }

        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles())
        {
            var name = Path.GetFileNameWithoutExtension(file.Name);
            if (file.Extension == RequestSuffix && !File.Exists(Path.Combine(_folder, name + ReasonSuffix)))
            {
                // The process died between the two: the request is sent again from the cursor, or was taken.
                file.Delete();
                continue;
            }

            _sizes[name] = _sizes.GetValueOrDefault(name) + file.Length;
            _bytes += file.Length;
        }
    }

    public static string FolderOf(string dataPath) => Path.Combine(dataPath, "deadletter");

    /// <summary>Keeps a refused request; returns how many records of older ones had to go for it.</summary>
    public long Write(ulong frame, ulong sequence, TenantId tenant, Signal signal, int records, string reason, DateTimeOffset at, ReadOnlySpan<byte> request) =>
        Write(NameOf(frame, sequence, signal), new DeadLetter(tenant, signal, sequence, records, reason, at), request);

    /// <summary>Notes what a store refused of a request that it took, without saying which of its records: there is nothing to send again.</summary>
    public long WritePartial(ulong frame, ulong sequence, TenantId tenant, Signal signal, int records, string reason, DateTimeOffset at) =>
        Write(NameOf(frame, sequence, signal) + "-partial", new DeadLetter(tenant, signal, sequence, records, reason, at), []);

    public long Write(string name, DeadLetter letter, ReadOnlySpan<byte> request)
    {
        var reason = JsonSerializer.SerializeToUtf8Bytes(letter, LedgerJson.Default.DeadLetter);
        lock (_lock)
        {
            Directory.CreateDirectory(_folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            var dropped = 0L;
            while (_sizes.Count > 0 && !_sizes.ContainsKey(name) && (_sizes.Count >= _maxCount || _bytes + request.Length + reason.Length > _maxBytes))
            {
                var oldest = _sizes.First().Key;
                dropped += TryRead(oldest)?.Records ?? 0;
                RemoveLocked(oldest);
            }

            if (request.Length > 0)
            {
                DurableFile.Write(Path.Combine(_folder, name + RequestSuffix), request);
            }

            DurableFile.Write(Path.Combine(_folder, name + ReasonSuffix), reason);
            _bytes += request.Length + reason.Length - _sizes.GetValueOrDefault(name);
            _sizes[name] = request.Length + reason.Length;
            return dropped;
        }
    }

    /// <summary>Null when it is not there any more.</summary>
    public DeadLetter? TryRead(string name) => Read(Path.Combine(_folder, name + ReasonSuffix));

    /// <summary>The request as it was sent; null when there is none to send again.</summary>
    public byte[]? TryReadRequest(string name)
    {
        var path = Path.Combine(_folder, name + RequestSuffix);
        return File.Exists(path) ? File.ReadAllBytes(path) : null;
    }

    public void Remove(string name)
    {
        lock (_lock)
        {
            RemoveLocked(name);
        }
    }

    public static DeadLetter? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), LedgerJson.Default.DeadLetter);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static string NameOf(ulong frame, ulong sequence, Signal signal) =>
        string.Create(CultureInfo.InvariantCulture, $"{frame:d20}-{sequence:d20}-{signal.ToName()}");

    private void RemoveLocked(string name)
    {
        // The reason first: a request without one is nobody's.
        File.Delete(Path.Combine(_folder, name + ReasonSuffix));
        File.Delete(Path.Combine(_folder, name + RequestSuffix));
        if (_sizes.Remove(name, out var size))
        {
            _bytes -= size;
        }
    }
}

/// <summary>Why a request lies here.</summary>
internal sealed record DeadLetter(TenantId Tenant, Signal Signal, ulong Sequence, int Records, string Reason, DateTimeOffset At);
