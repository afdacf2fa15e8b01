using System.Numerics;
using System.Security.Cryptography;

namespace StellaOps.Telemetry.Evidence.Merkle;

/// <summary>The Merkle tree of RFC 6962, section 2.1 (https://www.rfc-editor.org/rfc/rfc6962#section-2.1), with SHA-256.</summary>
public static class MerkleTree
{
    private const byte LeafPrefix = 0;
    private const byte NodePrefix = 1;

    /// <summary>The hash of a tree without leaves: that of the empty string.</summary>
    public static byte[] EmptyHead => SHA256.HashData([]);

    /// <summary>The hash of one leaf: SHA-256 of 0x00 and its data.</summary>
    public static byte[] HashLeaf(ReadOnlySpan<byte> data)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([LeafPrefix]);
        hash.AppendData(data);
        return hash.GetHashAndReset();
    }

    /// <summary>The head of a tree over hashed leaves (<see cref="HashLeaf"/>).</summary>
    public static byte[] HeadOf(ReadOnlySpan<byte[]> leafHashes) => leafHashes.Length switch
    {
        0 => EmptyHead,
        1 => leafHashes[0],
        _ => HashNode(HeadOf(leafHashes[..SplitOf(leafHashes.Length)]), HeadOf(leafHashes[SplitOf(leafHashes.Length)..])),
    };

    /// <summary>The audit path of one leaf, from its sibling upwards.</summary>
    public static IReadOnlyList<byte[]> PathOf(ReadOnlySpan<byte[]> leafHashes, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leafHashes.Length);
        var path = new List<byte[]>();
        while (leafHashes.Length > 1)
        {
            var split = SplitOf(leafHashes.Length);
            if (index < split)
            {
                path.Add(HeadOf(leafHashes[split..]));
                leafHashes = leafHashes[..split];
            }
            else
            {
                path.Add(HeadOf(leafHashes[..split]));
                leafHashes = leafHashes[split..];
                index -= split;
            }
        }

        path.Reverse();
        return path;
    }

    /// <summary>Whether the path leads from the hashed leaf at this place of a tree of so many leaves to its head.</summary>
    public static bool Verify(ReadOnlySpan<byte> leafHash, long index, long leaves, IReadOnlyList<byte[]> path, ReadOnlySpan<byte> head)
    {
        if (index < 0 || index >= leaves)
        {
            return false;
        }

        // RFC 9162, section 2.1.3.2, says the same without recursion.
        var (fn, sn) = (index, leaves - 1);
        var hash = leafHash.ToArray();
        foreach (var sibling in path)
        {
            if (sn == 0)
            {
                return false;
            }

            if ((fn & 1) == 1 || fn == sn)
            {
                hash = HashNode(sibling, hash);
                while ((fn & 1) == 0 && fn != 0)
                {
                    fn >>= 1;
                    sn >>= 1;
                }
            }
            else
            {
                hash = HashNode(hash, sibling);
            }

            fn >>= 1;
            sn >>= 1;
        }

        return sn == 0 && CryptographicOperations.FixedTimeEquals(hash, head);
    }

    /// <summary>The greatest power of two below the number of leaves.</summary>
    private static int SplitOf(int leaves) => 1 << BitOperations.Log2((uint)(leaves - 1));

    private static byte[] HashNode(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData([NodePrefix]);
        hash.AppendData(left);
        hash.AppendData(right);
        return hash.GetHashAndReset();
    }
}
