using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Writes one segment: frames of one tenant, signal, gateway and hour of acceptance. They are spooled, so that a crash leaves nothing, then
/// compressed as one and put into the store on completion, the manifest last: an open segment costs its bytes, and no compressor's tables.
/// Not for use by two threads at once.
/// </summary>
public sealed class SegmentWriter : IDisposable
{
    private readonly TenantId _tenant;
    private readonly Signal _signal;
    private readonly string _gatewayId;
    private readonly string _tier;
    private readonly string _spoolFolder;
    private readonly Spool _spool;
    private readonly IncrementalHash _contentHash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly ArrayBufferWriter<byte> _envelope = new();
    private readonly PayloadFacts _facts = new();
    private long _hour;
    private ulong _firstSequence = ulong.MaxValue;
    private ulong _lastSequence;
    private long _acceptedFrom = long.MaxValue;
    private long _acceptedTo;
    private bool _completed;

    /// <param name="tier">One of <see cref="KnownTiers"/>.</param>
    /// <param name="spoolFolder">Where frames that are too many for memory wait until completion; must be on a disk with room for a segment.</param>
    public SegmentWriter(TenantId tenant, Signal signal, string gatewayId, string tier, string spoolFolder)
    {
        if (!ObjectKey.IsPart(gatewayId))
        {
            throw new ArgumentException($"'{gatewayId}' cannot stand in an object key", nameof(gatewayId));
        }

        if (!ObjectKey.IsPart(tier))
        {
            throw new ArgumentException($"'{tier}' cannot stand in an object key", nameof(tier));
        }

        (_tenant, _signal, _gatewayId, _tier) = (tenant, signal, gatewayId, tier);
        (_spoolFolder, _spool) = (spoolFolder, new Spool(spoolFolder));
    }

    /// <summary>Records so far.</summary>
    public long Records { get; private set; }

    /// <summary>Frames so far.</summary>
    public long Batches { get; private set; }

    /// <summary>Bytes of the frames so far, uncompressed.</summary>
    public long ContentBytes { get; private set; }

    /// <summary>Accepted-at of the earliest frame so far; null while empty. A caller cuts by age with it.</summary>
    public long? AcceptedFromUnixNano => Batches == 0 ? null : _acceptedFrom;

    /// <summary>The lowest sequence so far; null while empty.</summary>
    public ulong? FirstSequence => Batches == 0 ? null : _firstSequence;

    /// <summary>The highest sequence so far; null while empty.</summary>
    public ulong? LastSequence => Batches == 0 ? null : _lastSequence;

    /// <summary>Whether the frame belongs here: same tenant, signal, gateway, and hour of acceptance as those before it.</summary>
    public bool CanAppend(Envelope envelope) =>
        envelope.Tenant == _tenant && envelope.Signal == _signal && envelope.GatewayId == _gatewayId
        && (Batches == 0 || ArchiveLayout.HourOf(envelope.AcceptedAtUnixNano) == _hour);

    /// <summary>Adds a frame.</summary>
    /// <exception cref="ArgumentException">It does not belong here (<see cref="CanAppend"/>), or is longer than <see cref="SegmentFormat.MaxFrameBytes"/>.</exception>
    public void Append(Envelope envelope, ReadOnlySpan<byte> payload)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        if (!CanAppend(envelope))
        {
            throw new ArgumentException("the frame is of another tenant, signal, gateway or hour than the segment", nameof(envelope));
        }

        _envelope.ResetWrittenCount();
        envelope.WriteTo(_envelope);
        var frameLength = 4L + _envelope.WrittenCount + payload.Length;
        if (frameLength > SegmentFormat.MaxFrameBytes || _envelope.WrittenCount > SegmentFormat.MaxEnvelopeBytes)
        {
            throw new ArgumentException($"a frame of {frameLength} bytes is longer than a segment takes", nameof(payload));
        }

        Span<byte> lengths = stackalloc byte[8];
        BinaryPrimitives.WriteInt32BigEndian(lengths, (int)frameLength);
        BinaryPrimitives.WriteInt32BigEndian(lengths[4..], _envelope.WrittenCount);
        Write(lengths);
        Write(_envelope.WrittenSpan);
        Write(payload);
        _facts.Add(_signal, payload);

        _hour = ArchiveLayout.HourOf(envelope.AcceptedAtUnixNano);
        Batches++;
        Records += envelope.Kept?.Count ?? envelope.RecordCount;
        ContentBytes += 4 + frameLength;
        _firstSequence = Math.Min(_firstSequence, envelope.Sequence);
        _lastSequence = Math.Max(_lastSequence, envelope.Sequence);
        _acceptedFrom = Math.Min(_acceptedFrom, envelope.AcceptedAtUnixNano);
        _acceptedTo = Math.Max(_acceptedTo, envelope.AcceptedAtUnixNano);
    }

    /// <summary>
    /// Puts segment and manifest. Names follow from what is inside, so the same frames written again after a crash replace themselves, and other
    /// frames of the same sequences stand beside. When this returned, both survive the death of the machine.
    /// </summary>
    /// <exception cref="InvalidOperationException">Nothing was appended.</exception>
    public async Task<ChunkManifest> CompleteAsync(IObjectStore store, CancellationToken cancellationToken)
    {
        ObjectDisposedException.ThrowIf(_completed, this);
        if (Batches == 0)
        {
            throw new InvalidOperationException("an empty segment is not written");
        }

        _completed = true;
        Stream stored = _spool.IsInMemory ? new MemoryStream() : SpoolFile.Open(_spoolFolder);
        await using var _ = stored.ConfigureAwait(false);
        SegmentCompressor.Compress(_spool, stored);
        var contentHash = Convert.ToHexStringLower(_contentHash.GetCurrentHash());
        stored.Position = 0;
        var storedHash = Convert.ToHexStringLower(await SHA256.HashDataAsync(stored, cancellationToken).ConfigureAwait(false));
        var manifest = new ChunkManifest(
            ChunkManifest.SchemaId,
            NameOf(_gatewayId, _firstSequence, _lastSequence, contentHash, _tier),
            _tenant,
            _signal,
            _tier,
            _gatewayId,
            _firstSequence.ToString(CultureInfo.InvariantCulture),
            _lastSequence.ToString(CultureInfo.InvariantCulture),
            _acceptedFrom.ToString(CultureInfo.InvariantCulture),
            _acceptedTo.ToString(CultureInfo.InvariantCulture),
            _facts.Services,
            Records,
            Batches,
            stored.Length,
            storedHash,
            ContentBytes,
            contentHash,
            _facts.EventFrom?.ToString(CultureInfo.InvariantCulture),
            _facts.EventTo?.ToString(CultureInfo.InvariantCulture));
        stored.Position = 0;
        await store.PutAsync(manifest.SegmentKey, stored, cancellationToken).ConfigureAwait(false);
        using var json = new MemoryStream(manifest.ToJson(), writable: false);
        await store.PutAsync(manifest.ManifestKey, json, cancellationToken).ConfigureAwait(false);
        return manifest;
    }

    /// <summary>Without <see cref="CompleteAsync"/> before it, drops everything.</summary>
    public void Dispose()
    {
        _completed = true;
        _contentHash.Dispose();
        _spool.Dispose();
    }

    /// <summary>The name of a segment follows from what is in it.</summary>
    internal static string NameOf(string gatewayId, ulong firstSequence, ulong lastSequence, string contentSha256, string tier) =>
        string.Create(CultureInfo.InvariantCulture, $"{gatewayId}-{firstSequence:x16}-{lastSequence:x16}-{contentSha256[..16]}-{tier}");

    private void Write(ReadOnlySpan<byte> bytes)
    {
        _spool.Write(bytes);
        _contentHash.AppendData(bytes);
    }
}
