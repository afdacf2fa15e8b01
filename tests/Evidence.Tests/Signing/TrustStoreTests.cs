using System.Security.Cryptography;
using System.Text.Json;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Evidence.Tests.Signing;

public sealed class TrustStoreTests : IDisposable
{
    private readonly SigningKey _key = SigningKey.Create();

    [Theory]
    [InlineData(KnownKeyUses.ProfileAuthor)]
    [InlineData(KnownKeyUses.ProfileApproval)]
    [InlineData(KnownKeyUses.ProfileBreakGlass)]
    public void New_PersonalUseWithoutAPerson_IsRefused(string use)
    {
        Assert.Contains("no person", Refused(Entry(null, use)).Message, StringComparison.Ordinal);
        Assert.Contains("no person", Refused(Entry("", use)).Message, StringComparison.Ordinal);
        Assert.True(new TrustStore(Document(Entry("ada", use))).TryFind(_key.KeyId, out var entry, out var key));
        Assert.Equal(("ada", _key.KeyId), (entry.Person, key.KeyId));
    }

    [Fact]
    public void New_OneKeyTwice_IsRefused() =>
        Assert.Contains("twice", Refused(Entry(null, KnownKeyUses.Incident), Entry("ada", KnownKeyUses.ProfileAuthor)).Message, StringComparison.Ordinal);

    [Fact]
    public void TryFind_UnknownKey_IsNothing() => Assert.False(new TrustStore(Document()).TryFind(_key.KeyId, out _, out _));

    [Fact]
    public void Load_FileWithRulesForProfiles_HasThem()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, """{"schema":"https://stella-ops.org/telemetry/trust/v1","keys":[],"profiles":{"approvals":{"*":2},"floors":{"forensic":7}}}""");
            var rules = TrustStore.Load(file).Profiles!;
            Assert.Equal((2, 7), (rules.Approvals!["*"], rules.Floors!["forensic"]));

            File.WriteAllBytes(file, JsonSerializer.SerializeToUtf8Bytes(Document(Entry(null, KnownKeyUses.Incident)), ContractsJson.Default.TrustDocument));
            Assert.Null(TrustStore.Load(file).Profiles);
        }
        finally
        {
            File.Delete(file);
        }
    }

    public void Dispose() => _key.Dispose();

    private static TrustDocument Document(params IReadOnlyList<TrustedKey> keys) => new(TrustDocument.SchemaId, keys);

    private static CryptographicException Refused(params IReadOnlyList<TrustedKey> keys) => Assert.Throws<CryptographicException>(() => new TrustStore(Document(keys)));

    private TrustedKey Entry(string? person, string use) => new("key", _key.KeyId, _key.Public.ToPem(), [use], person);
}
