using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;

namespace StellaOps.Telemetry.Archive.Segments;

/// <summary>
/// Walks the frames of a segment that a manifest names. The digest of the stored bytes is known only at the end, so nothing is proven before
/// <see cref="FrameScanner.MoveNextAsync"/> returned false, when all is as the manifest says.
/// </summary>
internal sealed class SegmentScanner : FrameScanner
{
    private readonly ChunkManifest _manifest;
    private readonly HashingStream _stored;
    private readonly IncrementalHash? _contentHash;
    private long _records;

    private SegmentScanner(ChunkManifest manifest, HashingStream stored, bool isContentHashed)
        : base(stored, manifest.SegmentKey, manifest.Batches, manifest.ContentBytes)
    {
        (_manifest, _stored) = (manifest, stored);
        _contentHash = isContentHashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <param name="isContentHashed">
    /// Also compare what envelopes count and the digest of the content with the manifest. The stored bytes are always compared, and decide what
    /// the content is: this finds only a manifest that was written wrong.
    /// </param>
    /// <exception cref="ObjectNotFoundException">The segment is gone.</exception>
    public static async Task<SegmentScanner> OpenAsync(IObjectStore store, ChunkManifest manifest, bool isContentHashed, CancellationToken cancellationToken)
    {
        var stored = await store.OpenReadAsync(manifest.SegmentKey, cancellationToken).ConfigureAwait(false);
        return new SegmentScanner(manifest, new HashingStream(stored, manifest.StoredBytes), isContentHashed);
    }

    /// <summary>The frame's envelope; read when asked for, since it allocates.</summary>
    /// <exception cref="ArchiveDamagedException">There is none, or it is of another segment.</exception>
    public Envelope ReadEnvelope()
    {
        if (!Envelope.TryRead(EnvelopeBytes, out var envelope)
            || envelope.Tenant != _manifest.Tenant || envelope.Signal != _manifest.Signal || envelope.GatewayId != _manifest.GatewayId)
        {
            throw Damaged($"frame {Batches - 1} has no envelope of this segment");
        }

        _records += envelope.Kept?.Count ?? envelope.RecordCount;
        return envelope;
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync().ConfigureAwait(false);
        await _stored.DisposeAsync().ConfigureAwait(false);
        _contentHash?.Dispose();
    }

    protected override void OnFrame() => _contentHash?.AppendData(Frame);

    protected override async ValueTask EndAsync(CancellationToken cancellationToken)
    {
        if (Batches < _manifest.Batches)
        {
            throw Damaged("it ends before its last frame");
        }

        await base.EndAsync(cancellationToken).ConfigureAwait(false);
        await _stored.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
        if (_stored.BytesRead != _manifest.StoredBytes || _stored.Sha256() != _manifest.StoredSha256)
        {
            throw Damaged("its stored bytes are not those that its manifest names");
        }

        if (ContentBytes != _manifest.ContentBytes
            || (_contentHash is not null && (_records != _manifest.Records || Convert.ToHexStringLower(_contentHash.GetCurrentHash()) != _manifest.ContentSha256)))
        {
            throw Damaged("its content is not what its manifest names");
        }
    }
}
