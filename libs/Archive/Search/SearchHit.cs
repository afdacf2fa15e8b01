using StellaOps.Telemetry.Contracts;

namespace StellaOps.Telemetry.Archive.Search;

/// <summary>Which record: our own copies have the same. In the order in which results are shown.</summary>
/// <param name="Index">Its place in the logged batch.</param>
public readonly record struct HitKey(long AcceptedAtUnixNano, string GatewayId, ulong Sequence, int Index) : IComparable<HitKey>
{
    /// <inheritdoc/>
    public int CompareTo(HitKey other)
    {
        var order = AcceptedAtUnixNano.CompareTo(other.AcceptedAtUnixNano);
        order = order != 0 ? order : string.CompareOrdinal(GatewayId, other.GatewayId);
        order = order != 0 ? order : Sequence.CompareTo(other.Sequence);
        return order != 0 ? order : Index.CompareTo(other.Index);
    }

    /// <summary>Before.</summary>
    public static bool operator <(HitKey left, HitKey right) => left.CompareTo(right) < 0;

    /// <summary>After.</summary>
    public static bool operator >(HitKey left, HitKey right) => left.CompareTo(right) > 0;

    /// <summary>Not after.</summary>
    public static bool operator <=(HitKey left, HitKey right) => left.CompareTo(right) <= 0;

    /// <summary>Not before.</summary>
    public static bool operator >=(HitKey left, HitKey right) => left.CompareTo(right) >= 0;
}

/// <summary>A record that was found.</summary>
/// <param name="Tier">Of the segment that it was read from.</param>
/// <param name="Stamp">Why sampling kept it; null where all of its batch was kept, or only a promoted copy is there.</param>
/// <param name="ReplayMark">Set when it came by a replay.</param>
/// <param name="Frame">Its canonical form: an Export request with this record alone.</param>
public sealed record SearchHit(Signal Signal, HitKey Key, string Tier, Stamp? Stamp, string? ReplayMark, byte[] Frame);
