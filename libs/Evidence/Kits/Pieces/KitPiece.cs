using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;

namespace StellaOps.Telemetry.Evidence.Kits.Pieces;

/// <summary>Which stretch of which stream a piece carries; the predicate of its attestation.</summary>
/// <param name="Transfer">Names the cutting: of this stream into pieces of this size (<see cref="TransferOf"/>).</param>
/// <param name="Kit">The kit's name, for people.</param>
/// <param name="Piece">From 1.</param>
/// <param name="PieceBytes">What every piece but the last carries.</param>
/// <param name="StreamSha256">Of the whole stream.</param>
public sealed record KitPiece(string Transfer, string Kit, int Piece, int Pieces, long PieceBytes, long StreamBytes, string StreamSha256)
{
    /// <summary>Predicate type of a piece's attestation.</summary>
    public const string PredicateType = "https://stella-ops.org/telemetry/kit-piece/v1";

    /// <summary>What stands before the carried bytes: the line <see cref="Magic"/>, the attestation in one line, line ends up to this length.</summary>
    public const int HeaderBytes = 16 * 1024;

    /// <summary>The first line.</summary>
    public const string Magic = "stella-kit-piece/v1";

    /// <summary>The most pieces of a transfer.</summary>
    public const int MaxPieces = 99_999;

    /// <summary>The least that a piece carries; smaller media would need another way.</summary>
    public const long MinPieceBytes = 1024;

    /// <summary>Where the carried bytes stand in the stream.</summary>
    [JsonIgnore]
    public long Offset => (Piece - 1) * PieceBytes;

    /// <summary>How many they are.</summary>
    [JsonIgnore]
    public long Bytes => Math.Min(PieceBytes, StreamBytes - Offset);

    /// <summary>The file's name where nobody gave it another; the content tells what it is.</summary>
    [JsonIgnore]
    public string FileName => FileNameOf(Kit, Piece);

    /// <summary>The name of a kit's piece.</summary>
    public static string FileNameOf(string kit, int piece) => string.Create(CultureInfo.InvariantCulture, $"{kit}.piece{piece:0000}");

    /// <summary>How many pieces of this size a stream takes.</summary>
    public static long CountOf(long streamBytes, long pieceBytes) => (streamBytes + pieceBytes - 1) / pieceBytes;

    /// <summary>16 hexadecimal digits that follow from the stream and the size of its pieces: cutting again gives the same.</summary>
    public static string TransferOf(string streamSha256, long pieceBytes) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{streamSha256} {pieceBytes}"))))[..16];

    /// <summary>Whether the numbers belong together.</summary>
    internal bool IsSound() =>
        KitDelivery.IsName(Kit)
        && PieceBytes >= MinPieceBytes
        && StreamBytes is > 0 and <= KitFormat.MaxContentBytes
        && CountOf(StreamBytes, PieceBytes) == Pieces
        && Pieces <= MaxPieces
        && Piece >= 1 && Piece <= Pieces
        && Transfer == TransferOf(StreamSha256, PieceBytes);
}
