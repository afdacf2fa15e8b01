using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Kits.Pieces;

/// <summary>
/// Cuts a delivery into pieces for media or a data diode. The stream is a ustar of the delivery's files, so that without any program of ours
/// <c>tail -c +16385</c> of each piece in order, one after the other, is a tar.
/// </summary>
public static class KitSplitter
{
    /// <summary>Writes the pieces; each appears whole.</summary>
    /// <param name="files">Names of the delivery's files.</param>
    /// <param name="pieceBytes">What a piece file takes at most, its head included.</param>
    /// <param name="only">Numbers of the pieces to write; null for all.</param>
    /// <param name="progress">Told the bytes written so far.</param>
    /// <returns>All pieces of the transfer, written or not.</returns>
    public static async Task<IReadOnlyList<KitPiece>> SplitAsync(
        KitDelivery delivery, IReadOnlyList<string> files, long pieceBytes, string folder, IReadOnlySet<int>? only, SigningKey key, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var carried = pieceBytes - KitPiece.HeaderBytes;
        var stream = new SegmentStream(SegmentsOf(delivery, files));
        await using var ofStream = stream.ConfigureAwait(false);
        if (carried < KitPiece.MinPieceBytes || KitPiece.CountOf(stream.Length, carried) > KitPiece.MaxPieces)
        {
            throw new ArgumentOutOfRangeException(nameof(pieceBytes), pieceBytes, $"{stream.Length} bytes would take more than {KitPiece.MaxPieces} pieces, or a piece would carry less than {KitPiece.MinPieceBytes}");
        }

        var (streamSha256, digests) = await DigestAsync(stream, carried, cancellationToken).ConfigureAwait(false);
        Directory.CreateDirectory(folder);
        var pieces = Enumerable.Range(1, digests.Count)
            .Select(n => new KitPiece(KitPiece.TransferOf(streamSha256, carried), delivery.Name, n, digests.Count, carried, stream.Length, streamSha256)).ToList();
        var done = 0L;
        foreach (var piece in pieces.Where(p => only?.Contains(p.Piece) ?? true))
        {
            await WriteAsync(stream, piece, digests[piece.Piece - 1], folder, key, cancellationToken).ConfigureAwait(false);
            progress?.Report(done += piece.Bytes);
        }

        DirectorySync.Flush(folder);
        return pieces;
    }

    private static List<Segment> SegmentsOf(KitDelivery delivery, IReadOnlyList<string> files)
    {
        var segments = new List<Segment>();
        foreach (var name in files.Order(StringComparer.Ordinal))
        {
            var path = Path.Combine(delivery.Folder, name);
            var size = new FileInfo(path).Length;
            segments.Add(Segment.OfBytes(Ustar.KitHeader(name, size, (File.GetUnixFileMode(path) & UnixFileMode.UserExecute) != 0)));
            segments.Add(Segment.OfFile(path, 0, size));
            segments.Add(Segment.OfBytes(new byte[Ustar.Padding(size)]));
        }

        segments.Add(Segment.OfBytes(Ustar.EndOfArchive));
        return segments;
    }

    private static async Task<(string Stream, List<string> Pieces)> DigestAsync(SegmentStream stream, long carried, CancellationToken cancellationToken)
    {
        using var whole = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var piece = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var digests = new List<string>();
        var buffer = new byte[128 * 1024];
        var left = carried;
        int read;
        while ((read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken).ConfigureAwait(false)) > 0)
        {
            whole.AppendData(buffer, 0, read);
            piece.AppendData(buffer, 0, read);
            left -= read;
            if (left == 0 || stream.Position == stream.Length)
            {
                digests.Add(Convert.ToHexStringLower(piece.GetHashAndReset()));
                left = carried;
            }
        }

        return (Convert.ToHexStringLower(whole.GetHashAndReset()), digests);
    }

    private static async Task WriteAsync(SegmentStream stream, KitPiece piece, string sha256, string folder, SigningKey key, CancellationToken cancellationToken)
    {
        var path = Path.Combine(folder, piece.FileName);
        var temporary = path + ".next";
        try
        {
            var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
            await using (file.ConfigureAwait(false))
            {
                await file.WriteAsync(KitPieceFile.Head(piece, sha256, key), cancellationToken).ConfigureAwait(false);
                stream.Position = piece.Offset;
                var buffer = new byte[128 * 1024];
                for (var left = piece.Bytes; left > 0;)
                {
                    var read = await stream.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, left)), cancellationToken).ConfigureAwait(false);
                    await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                    left -= read;
                }

                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }
}
