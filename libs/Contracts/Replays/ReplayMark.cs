using System.Buffers;
using System.Globalization;

namespace StellaOps.Telemetry.Contracts.Replays;

/// <summary>
/// What a replayed batch carries in <see cref="KnownHeaders.Replay"/>: <c>&lt;replay id&gt;/&lt;ordinal&gt;</c>. The ordinal counts the batches
/// of the replay from 0; the same mark is the same batch, however often it is sent.
/// </summary>
/// <param name="ReplayId">1 to <see cref="MaxIdLength"/> of <c>A-Z a-z 0-9 . _ -</c>.</param>
public readonly record struct ReplayMark(string ReplayId, long Ordinal)
{
    /// <summary>The longest id, in characters.</summary>
    public const int MaxIdLength = 128;

    /// <summary>The highest ordinal.</summary>
    public const long MaxOrdinal = 999_999;

    /// <summary>The attribute that an exporter adds to a replayed record that it stamps: the replay id.</summary>
    public const string Attribute = "stella.replay.id";

    private static readonly SearchValues<char> s_idCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Whether the text can be a replay's id.</summary>
    public static bool IsId(ReadOnlySpan<char> text) => text.Length is > 0 and <= MaxIdLength && !text.ContainsAnyExcept(s_idCharacters);

    /// <summary>Reads a mark; false when the text is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out ReplayMark mark)
    {
        mark = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !IsId(text[..slash]) || !TryParseOrdinal(text[(slash + 1)..], out var ordinal))
        {
            return false;
        }

        mark = new ReplayMark(text[..slash].ToString(), ordinal);
        return true;
    }

    /// <summary>As <see cref="TryParse"/>, for who only wants to know.</summary>
    public static bool IsMark(ReadOnlySpan<char> text) =>
        text.IndexOf('/') is var slash and >= 0 && IsId(text[..slash]) && TryParseOrdinal(text[(slash + 1)..], out _);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{ReplayId}/{Ordinal}");

    // One text for one number: no sign, no leading zero.
    private static bool TryParseOrdinal(ReadOnlySpan<char> text, out long ordinal) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ordinal) && ordinal <= MaxOrdinal && (text.Length == 1 || text[0] != '0');
}
