using System.Diagnostics.CodeAnalysis;
using System.Text;
using StellaOps.Telemetry.Evidence.Merkle;

namespace StellaOps.Telemetry.Archive.Roots;

/// <summary>
/// One chunk that a root answers for. A list of leaves is text as <c>sha256sum</c> writes and checks it, run in the archive's folder:
/// <c>&lt;sha256&gt;  &lt;key of the manifest&gt;\n</c>.
/// </summary>
/// <param name="ManifestKey">Key of the chunk's manifest.</param>
/// <param name="Sha256">Of the manifest, lower-case hex.</param>
public readonly record struct RootLeaf(string ManifestKey, string Sha256)
{
    /// <summary>The longest list that is read, in bytes: some 300,000 chunks in one day of one tenant.</summary>
    public const int MaxListBytes = 64 * 1024 * 1024;

    private const int HashLength = 64;

    /// <summary>The leaf in the Merkle tree: over the manifest's 32-byte digest.</summary>
    public byte[] Hash() => MerkleTree.HashLeaf(Convert.FromHexString(Sha256));

    /// <summary>The hashed leaves, in their order.</summary>
    public static byte[][] HashesOf(IReadOnlyList<RootLeaf> leaves) => [.. leaves.Select(l => l.Hash())];

    /// <summary>Writes a list.</summary>
    public static byte[] WriteList(IReadOnlyList<RootLeaf> leaves)
    {
        var text = new StringBuilder();
        foreach (var leaf in leaves)
        {
            text.Append(leaf.Sha256).Append("  ").Append(leaf.ManifestKey).Append('\n');
        }

        return Encoding.ASCII.GetBytes(text.ToString());
    }

    /// <summary>Reads a list; false on anything that <see cref="WriteList"/> cannot have written.</summary>
    public static bool TryReadList(ReadOnlySpan<byte> list, [NotNullWhen(true)] out IReadOnlyList<RootLeaf>? leaves)
    {
        leaves = null;
        var read = new List<RootLeaf>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!list.IsEmpty)
        {
            var end = list.IndexOf((byte)'\n');
            if (end < HashLength + 3 || list[HashLength] != ' ' || list[HashLength + 1] != ' ')
            {
                return false;
            }

            var leaf = new RootLeaf(Encoding.ASCII.GetString(list[(HashLength + 2)..end]), Encoding.ASCII.GetString(list[..HashLength]));
            if (!IsSha256(leaf.Sha256) || !Objects.ObjectKey.IsValid(leaf.ManifestKey) || !seen.Add(leaf.ManifestKey))
            {
                return false;
            }

            read.Add(leaf);
            list = list[(end + 1)..];
        }

        leaves = read;
        return true;
    }

    internal static bool IsSha256(string text) => text.Length == HashLength && !text.AsSpan().ContainsAnyExcept("0123456789abcdef");
}
