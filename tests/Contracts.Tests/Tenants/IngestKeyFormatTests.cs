using System.Security.Cryptography;
using System.Text;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Contracts.Tests.Tenants;

public sealed class IngestKeyFormatTests
{
    private const string Good = "stik_0123456789ab_00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    [Fact]
    public void Create_HasItsForm_AndIsNeverTheSame()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => IngestKeyFormat.Create()).ToList();

        Assert.All(keys, k => Assert.Matches($"^stik_{k.KeyId}_[0-9a-f]{{64}}$", k.Secret));
        Assert.All(keys, k => Assert.Matches("^[0-9a-f]{12}$", k.KeyId));
        Assert.Equal(100, keys.Select(k => k.KeyId).Distinct().Count());
        Assert.Equal(100, keys.Select(k => k.Secret[18..]).Distinct().Count());
    }

    [Fact]
    public void TryGetKeyId_OfACreatedKey_GivesItsId()
    {
        var (id, secret) = IngestKeyFormat.Create();

        Assert.True(IngestKeyFormat.TryGetKeyId(secret, out var read));
        Assert.Equal(id, read);
    }

    [Fact]
    public void TryGetKeyId_AnyCharacterOutsideTheForm_IsRefused()
    {
        Assert.True(IngestKeyFormat.TryGetKeyId(Good, out _));
        for (var i = 0; i < Good.Length; i++)
        {
            foreach (var c in "Ggé /\n\0*\"")
            {
                Assert.False(IngestKeyFormat.TryGetKeyId(Good.Remove(i, 1).Insert(i, c.ToString()), out var id), $"'{c}' at {i}");
                Assert.Null(id);
            }
        }
    }

    [Fact]
    public void TryGetKeyId_AnyOtherLength_IsRefused()
    {
        for (var length = 0; length < Good.Length; length++)
        {
            Assert.False(IngestKeyFormat.TryGetKeyId(Good.AsSpan(0, length), out _));
        }

        Assert.False(IngestKeyFormat.TryGetKeyId(Good + "0", out _));
    }

    [Fact]
    public void Hash_IsTheSha256OfTheWholeKey() =>
        Assert.Equal(Convert.ToHexString(SHA256.HashData(Encoding.ASCII.GetBytes(Good))).ToLowerInvariant(), IngestKeyFormat.Hash(Good));
}
