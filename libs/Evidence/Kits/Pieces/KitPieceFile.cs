using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Evidence.Kits.Pieces;

/// <summary>A piece on a disk, its head read and judged; the bytes it carries are not yet.</summary>
internal sealed record KitPieceFile(string Path, KitPiece Piece, string Sha256)
{
    private static readonly byte[] s_magic = Encoding.ASCII.GetBytes(KitPiece.Magic + "\n");

    /// <summary>The head of a piece.</summary>
    public static byte[] Head(KitPiece piece, string sha256, SigningKey key)
    {
        var bundle = SigstoreBundle.SignStatement(
            new Statement(Statement.StatementType, [new(piece.FileName, new StatementDigest(sha256))], KitPiece.PredicateType, JsonSerializer.SerializeToElement(piece, KitJson.Default.KitPiece)), key);
        var head = new byte[KitPiece.HeaderBytes];
        head.AsSpan().Fill((byte)'\n');
        s_magic.CopyTo(head, 0);
        bundle.CopyTo(head.AsSpan(s_magic.Length));
        return head;
    }

    /// <summary>Reads a head. False with no reason: the file is no piece; with one: it is a piece that cannot be believed.</summary>
    public static bool TryRead(string path, IReadOnlyList<VerificationKey> keys, [NotNullWhen(true)] out KitPieceFile? file, out string? reason)
    {
        (file, reason) = (null, null);
        var head = new byte[KitPiece.HeaderBytes];
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        var read = stream.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
        if (!head.AsSpan(0, read).StartsWith(s_magic))
        {
            return false;
        }

        var json = head.AsMemory(s_magic.Length);
        var end = json.Span.IndexOf((byte)'\n');
        if (read < head.Length || end < 0 || json.Span[end..].ContainsAnyExcept((byte)'\n'))
        {
            reason = "its head is cut off or damaged";
            return false;
        }

        if (!SigstoreBundle.TryParse(json[..end], out var bundle, out var error) || bundle.Envelope is null)
        {
            reason = bundle is null ? error : "its head holds no statement";
            return false;
        }

        if (!keys.Any(bundle.IsStatementSignedBy))
        {
            reason = "none of the given keys signed it";
            return false;
        }

        if (bundle.Envelope.PayloadType != Statement.PayloadType
            || !Statement.TryParse(bundle.Envelope.Payload.Span, out var statement)
            || statement is not { PredicateType: KitPiece.PredicateType, Subject: [var subject] }
            || PieceOf(statement) is not { } piece
            || subject.Name != piece.FileName)
        {
            reason = "what was signed is no piece of a kit";
            return false;
        }

        file = new KitPieceFile(path, piece, subject.Digest.Sha256);
        if (stream.Length != KitPiece.HeaderBytes + piece.Bytes)
        {
            reason = $"it has {stream.Length} bytes, not {KitPiece.HeaderBytes + piece.Bytes}";
            return false;
        }

        return true;
    }

    /// <summary>Whether the bytes that it carries are those that were signed; a copy goes to <paramref name="to"/> on the way.</summary>
    public async Task<bool> IsWholeAsync(Stream? to, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var stream = new FileStream(Path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using var ofStream = stream.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[128 * 1024];
        var at = 0L;
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (to is not null)
            {
                await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }

            var ofHead = (int)Math.Clamp(KitPiece.HeaderBytes - at, 0, read);
            hash.AppendData(buffer, ofHead, read - ofHead);
            at += read;
            progress?.Report(read);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset()) == Sha256;
    }

    private static KitPiece? PieceOf(Statement statement)
    {
        try
        {
            return statement.Predicate.Deserialize(KitJson.Default.KitPiece) is { } piece && piece.IsSound() ? piece : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
