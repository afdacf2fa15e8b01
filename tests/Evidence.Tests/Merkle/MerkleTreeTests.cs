using System.Text;
using StellaOps.Telemetry.Evidence.Merkle;

namespace StellaOps.Telemetry.Evidence.Tests.Merkle;

public sealed class MerkleTreeTests
{
    // The leaves and heads that the reference implementations of RFC 6962 test with (certificate-transparency-go, testonly/reference).
    private static readonly string[] s_leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    private static readonly string[] s_heads =
    [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    [Fact]
    public void Head_OfNoLeaves_IsTheHashOfNothing() =>
        Assert.Equal("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", Convert.ToHexStringLower(MerkleTree.HeadOf([])));

    [Fact]
    public void Head_OfTheReferenceLeaves_IsTheReferenceHead()
    {
        for (var size = 1; size <= s_leaves.Length; size++)
        {
            Assert.Equal(s_heads[size - 1], Convert.ToHexStringLower(MerkleTree.HeadOf(Hashes(s_leaves[..size].Select(Convert.FromHexString)))));
        }
    }

    [Fact]
    public void Verify_EveryLeafOfEverySize_LeadsToTheHead_AndToNoOther()
    {
        for (var size = 1; size <= 33; size++)
        {
            var leaves = Hashes(Enumerable.Range(0, size).Select(i => Encoding.ASCII.GetBytes($"leaf {i}")));
            var head = MerkleTree.HeadOf(leaves);
            for (var index = 0; index < size; index++)
            {
                var path = MerkleTree.PathOf(leaves, index);
                Assert.True(MerkleTree.Verify(leaves[index], index, size, path, head), $"{index} of {size}");
                Assert.False(MerkleTree.Verify(leaves[(index + 1) % size], index, size, path, head) && size > 1, $"another leaf at {index} of {size}");
                Assert.False(MerkleTree.Verify(leaves[index], index, size, [.. path, head], head), $"a longer path for {index} of {size}");
                Assert.False(MerkleTree.Verify(leaves[index], index + size, size, path, head), "a place outside");
                Assert.False(size > 1 && MerkleTree.Verify(leaves[index], index, size, [.. path.Skip(1)], head), $"a shorter path for {index} of {size}");
                if (size > 1)
                {
                    Assert.False(MerkleTree.Verify(leaves[index], (index + 1) % size, size, path, head), $"{index} of {size} at another place");
                    Assert.False(MerkleTree.Verify(path[0], index, size, path, head), "a node for a leaf");
                }
            }
        }
    }

    private static byte[][] Hashes(IEnumerable<byte[]> leaves) => [.. leaves.Select(l => MerkleTree.HashLeaf(l))];
}
