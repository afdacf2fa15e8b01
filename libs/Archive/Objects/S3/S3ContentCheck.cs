using System.IO.Hashing;
using System.Security.Cryptography;
using Amazon.S3.Model;

namespace StellaOps.Telemetry.Archive.Objects.S3;

/// <summary>
/// Compares what is read with the checksum that the server kept from the upload: of the whole object, or, of one that went up in parts
/// (<c>base64-N</c>), over the checksums of parts, whose length the object's metadata say.
/// </summary>
internal sealed class S3ContentCheck : IDisposable
{
    /// <summary>Metadata of objects that went up in parts: bytes of all parts but the last.</summary>
    public const string PartBytesKey = "stella-part-bytes";

    private readonly string _expected;
    private readonly long _partBytes;
    private readonly IncrementalHash? _sha256;
    private readonly IncrementalHash? _sha256OfParts;
    private readonly Crc32? _crc32;
    private readonly Crc32? _crc32OfParts;
    private long _inPart;

    private S3ContentCheck(string expected, bool isSha256, long partBytes)
    {
        (_expected, _partBytes) = (expected, partBytes);
        if (isSha256)
        {
            _sha256 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            _sha256OfParts = partBytes > 0 ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
        }
        else
        {
            _crc32 = new Crc32();
            _crc32OfParts = partBytes > 0 ? new Crc32() : null;
        }
    }

    /// <summary>Null when the server keeps none that can be computed here.</summary>
    public static S3ContentCheck? For(GetObjectResponse answer)
    {
        var isSha256 = !string.IsNullOrEmpty(answer.ChecksumSHA256);
        var kept = isSha256 ? answer.ChecksumSHA256 : answer.ChecksumCRC32;
        if (string.IsNullOrEmpty(kept))
        {
            return null;
        }

        var dash = kept.IndexOf('-', StringComparison.Ordinal);
        if (dash < 0)
        {
            return new S3ContentCheck(kept, isSha256, 0);
        }

        return long.TryParse(answer.Metadata[PartBytesKey], out var partBytes) && partBytes > 0 ? new S3ContentCheck(kept[..dash], isSha256, partBytes) : null;
    }

    public void Add(ReadOnlySpan<byte> bytes)
    {
        while (_partBytes > 0 && _inPart + bytes.Length >= _partBytes)
        {
            var rest = (int)(_partBytes - _inPart);
            Append(bytes[..rest]);
            EndPart();
            bytes = bytes[rest..];
        }

        Append(bytes);
    }

    /// <summary>After the last byte: whether it is what was stored.</summary>
    public bool IsWhole()
    {
        if (_partBytes > 0 && _inPart > 0)
        {
            EndPart();
        }

        var actual = _sha256 is not null ? (_sha256OfParts ?? _sha256).GetCurrentHash() : S3Checksum.BigEndian((_crc32OfParts ?? _crc32!).GetCurrentHashAsUInt32());
        return Convert.ToBase64String(actual) == _expected;
    }

    public void Dispose()
    {
        _sha256?.Dispose();
        _sha256OfParts?.Dispose();
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        _inPart += bytes.Length;
        _sha256?.AppendData(bytes);
        _crc32?.Append(bytes);
    }

    private void EndPart()
    {
        _sha256OfParts?.AppendData(_sha256!.GetHashAndReset());
        if (_crc32OfParts is not null)
        {
            _crc32OfParts.Append(S3Checksum.BigEndian(_crc32!.GetCurrentHashAsUInt32()));
            _crc32.Reset();
        }

        _inPart = 0;
    }
}
