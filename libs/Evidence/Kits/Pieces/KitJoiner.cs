using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Evidence.Bundles;
using StellaOps.Telemetry.Evidence.Files;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Kits.Pieces;

/// <summary>
/// Collects pieces from folders, in any order and as often as they come, and makes the delivery of them when all are there. What has come stays in
/// the target folder until then, so that one small medium can carry a large kit in several journeys.
/// </summary>
/// <param name="keys">One of them must have signed each piece.</param>
/// <param name="folder">Where the delivery comes to be.</param>
public sealed class KitJoiner(IReadOnlyList<VerificationKey> keys, string folder)
{
    private const string SpoolPrefix = ".transfer-";
    private const int MaxDeliveryFiles = 64;

    /// <summary>Collects.</summary>
    /// <param name="inboxes">Folders with pieces; what else is in them is left alone.</param>
    /// <param name="transfer">The transfer to collect, when there are several.</param>
    /// <param name="progress">Told how many bytes were read since it was last told.</param>
    /// <exception cref="KitInvalidException">There is no piece, or there are several transfers and none was chosen.</exception>
    public async Task<KitTransferReport> CollectAsync(IReadOnlyList<string> inboxes, string? transfer, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var (found, refused, damaged, others) = Look(inboxes);
        var chosen = Choose(found, refused, transfer);
        var spool = Path.Combine(folder, SpoolPrefix + chosen.Transfer);
        Directory.CreateDirectory(spool);
        var have = Held(spool, chosen.Transfer);
        var before = have.ToHashSet();
        var repeated = new List<string>();
        foreach (var file in found.Where(f => f.Piece.Transfer == chosen.Transfer).OrderBy(f => f.Piece.Piece))
        {
            if (have.Contains(file.Piece.Piece))
            {
                if (!before.Contains(file.Piece.Piece))
                {
                    repeated.Add(file.Path);
                }
            }
            else if (await TakeAsync(file, spool, progress, cancellationToken).ConfigureAwait(false))
            {
                have.Add(file.Piece.Piece);
            }
            else
            {
                damaged.Add($"{file.Path}: the bytes it carries are not those that were signed");
            }
        }

        var missing = Enumerable.Range(1, chosen.Pieces).Where(n => !have.Contains(n)).ToList();
        var files = missing.Count == 0 ? await AssembleAsync(chosen, spool, cancellationToken).ConfigureAwait(false) : [];
        return new KitTransferReport(
            chosen.Transfer, chosen.Kit, chosen.Pieces, have.Count, missing, repeated, damaged, refused, [.. found.Where(f => f.Piece.Transfer != chosen.Transfer).Select(f => f.Path)], others, files);
    }

    /// <summary>Whether a folder holds pieces.</summary>
    public static bool HasPieces(string folder) => Directory.EnumerateFiles(folder).Any(f => KitPieceFile.TryRead(f, [], out _, out var reason) || reason is not null);

    private (List<KitPieceFile> Found, List<string> Refused, List<string> Damaged, int Others) Look(IReadOnlyList<string> inboxes)
    {
        var (found, refused, damaged, others) = (new List<KitPieceFile>(), new List<string>(), new List<string>(), 0);
        foreach (var path in inboxes.SelectMany(Directory.EnumerateFiles).Distinct().Order(StringComparer.Ordinal))
        {
            if (KitPieceFile.TryRead(path, keys, out var file, out var reason))
            {
                found.Add(file);
            }
            else if (reason is null)
            {
                others++;
            }
            else
            {
                // A head that was believed and a length that was not: a copy that broke off.
                (file is null ? refused : damaged).Add($"{path}: {reason}");
            }
        }

        return (found, refused, damaged, others);
    }

    private KitPiece Choose(List<KitPieceFile> found, List<string> refused, string? transfer)
    {
        var begun = Directory.Exists(folder) ? Directory.EnumerateDirectories(folder, SpoolPrefix + "*").Select(d => Path.GetFileName(d)[SpoolPrefix.Length..]).ToList() : [];
        var transfers = found.Select(f => f.Piece).Concat(begun.Select(HeldPiece).OfType<KitPiece>()).DistinctBy(p => p.Transfer).ToList();
        var wanted = transfer ?? (begun is [var only] ? only : null);
        var candidates = wanted is null ? transfers : [.. transfers.Where(p => p.Transfer.StartsWith(wanted, StringComparison.Ordinal))];
        return candidates switch
        {
            [var one] => one,
            [] when transfers.Count == 0 => throw new KitInvalidException("pieces", refused.Count == 0 ? "there is none in the given folders" : $"none can be believed; the first: {refused[0]}"),
            [] => throw new KitInvalidException("pieces", $"there is none of transfer '{wanted}'; there are {Names(transfers)}"),
            _ => throw new KitInvalidException("pieces", $"they are of several transfers: choose one of {Names(candidates)}"),
        };
    }

    private static string Names(IEnumerable<KitPiece> transfers) => string.Join(", ", transfers.Select(p => $"{p.Transfer} ({p.Kit}, {p.Pieces} pieces)"));

    private KitPiece? HeldPiece(string transfer) => Directory.EnumerateFiles(Path.Combine(folder, SpoolPrefix + transfer))
        .Select(f => KitPieceFile.TryRead(f, keys, out var file, out _) ? file.Piece : null).FirstOrDefault(p => p is not null);

    private HashSet<int> Held(string spool, string transfer) => [.. Directory.EnumerateFiles(spool)
        .Select(f => KitPieceFile.TryRead(f, keys, out var file, out _) && file.Piece.Transfer == transfer && f == SpooledPath(spool, file.Piece.Piece) ? file.Piece.Piece : 0).Where(n => n > 0)];

    private static string SpooledPath(string spool, int piece) => Path.Combine(spool, string.Create(CultureInfo.InvariantCulture, $"{piece:00000}"));

    private static async Task<bool> TakeAsync(KitPieceFile file, string spool, IProgress<long>? progress, CancellationToken cancellationToken)
    {
        var target = SpooledPath(spool, file.Piece.Piece);
        var copy = new FileStream(target + ".next", FileMode.Create, FileAccess.Write, FileShare.None, 1, FileOptions.Asynchronous);
        try
        {
            await using (copy.ConfigureAwait(false))
            {
                if (!await file.IsWholeAsync(copy, progress, cancellationToken).ConfigureAwait(false))
                {
                    return false;
                }

                copy.Flush(flushToDisk: true);
            }

            File.Move(target + ".next", target, overwrite: true);
            return true;
        }
        finally
        {
            File.Delete(target + ".next");
        }
    }

    private async Task<IReadOnlyList<string>> AssembleAsync(KitPiece any, string spool, CancellationToken cancellationToken)
    {
        var stream = new SegmentStream([.. Enumerable.Range(1, any.Pieces).Select(n => Segment.OfFile(SpooledPath(spool, n), KitPiece.HeaderBytes, (any with { Piece = n }).Bytes))]);
        await using var ofStream = stream.ConfigureAwait(false);
        if (Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false)) != any.StreamSha256)
        {
            throw new KitInvalidException(spool, "the pieces together are not what was cut: the disk changed one since it came; remove the folder and collect again");
        }

        stream.Position = 0;
        var work = Path.Combine(folder, $".joining-{Guid.NewGuid():N}");
        Directory.CreateDirectory(work);
        try
        {
            var files = await UnpackAsync(stream, any.Kit, work, cancellationToken).ConfigureAwait(false);
            foreach (var name in files)
            {
                File.Move(Path.Combine(work, name), Path.Combine(folder, name), overwrite: true);
            }

            DirectorySync.FlushAll(folder);
            Directory.Delete(spool, recursive: true);
            return files;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private static async Task<IReadOnlyList<string>> UnpackAsync(SegmentStream stream, string kit, string work, CancellationToken cancellationToken)
    {
        var tar = new TarStream(kit, stream);
        var files = new List<string>();
        var buffer = new byte[128 * 1024];
        while (await tar.NextAsync(files.LastOrDefault(""), cancellationToken).ConfigureAwait(false) is { } entry)
        {
            if (!KitDelivery.IsCompanion(entry.Path) || files.Contains(entry.Path) || files.Count >= MaxDeliveryFiles)
            {
                throw tar.Invalid($"'{entry.Path}' is no file of a delivery, stands twice, or is one too many");
            }

            var file = new FileStream(Path.Combine(work, entry.Path), new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.Write,
                UnixCreateMode = entry.IsExecutable ? KitSigner.ExecutableMode : KitSigner.PlainMode,
            });
            await using var ofFile = file.ConfigureAwait(false);
            for (var left = entry.Size; left > 0;)
            {
                var part = buffer.AsMemory(0, (int)Math.Min(left, buffer.Length));
                await tar.FillAsync(part, cancellationToken).ConfigureAwait(false);
                await file.WriteAsync(part, cancellationToken).ConfigureAwait(false);
                left -= part.Length;
            }

            await tar.SkipZerosAsync(Ustar.Padding(entry.Size), cancellationToken).ConfigureAwait(false);
            files.Add(entry.Path);
        }

        return files;
    }
}
