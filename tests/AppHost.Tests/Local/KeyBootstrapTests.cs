using System.Text.Json;
using StellaOps.Telemetry.AppHost.Local;
using StellaOps.Telemetry.AppHost.Local.Bootstrap;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.AppHost.Tests.Local;

public sealed class KeyBootstrapTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("stella-bootstrap-");

    [Fact]
    public void Complete_NewFolder_HasTwoPeopleWhoCanSignAndApproveProfiles()
    {
        KeyBootstrap.Complete(_folder.FullName);

        var trust = TrustStore.Load(TrustFile);
        foreach (var (name, person, use) in new[] { ("author", "developer", KnownKeyUses.ProfileAuthor), ("approver", "reviewer", KnownKeyUses.ProfileApproval), ("break-glass", "developer", KnownKeyUses.ProfileBreakGlass) })
        {
            using var key = CosignKey.Load(At(name + ".key"), At(name + ".password"));
            Assert.True(trust.TryFind(key.KeyId, out var entry, out _));
            Assert.Equal((name, person, use), (entry.Name, entry.Person, Assert.Single(entry.Uses)));
        }

        using var rollout = SigningKey.Load(At(KnownServices.ProfileService + ".key"));
        Assert.Contains(trust.KeysFor(KnownKeyUses.ProfileDeployment), k => k.Key.KeyId == rollout.KeyId);
    }

    [Fact]
    public void Complete_TrustFileThatSomebodyAddedTo_KeepsWhatTheyAdded()
    {
        KeyBootstrap.Complete(_folder.FullName);
        using var own = SigningKey.Create();
        var before = JsonSerializer.Deserialize(File.ReadAllBytes(TrustFile), ContractsJson.Default.TrustDocument)!;
        Write(before with { Keys = [.. before.Keys, new TrustedKey("ada", own.KeyId, own.Public.ToPem(), [KnownKeyUses.ProfileAuthor], "ada")], Profiles = new ProfileTrust(null, new Dictionary<string, long> { ["default"] = 2 }) });

        KeyBootstrap.Complete(_folder.FullName);

        var trust = TrustStore.Load(TrustFile);
        Assert.True(trust.TryFind(own.KeyId, out _, out _));
        Assert.Equal(2, trust.Profiles!.Floors!["default"]);
        Assert.All(before.Keys, k => Assert.True(trust.TryFind(k.KeyId, out _, out _), k.Name));
    }

    [Fact]
    public void Complete_TrustFileThatIsNone_SaysWhatToDo()
    {
        KeyBootstrap.Complete(_folder.FullName);
        File.WriteAllText(TrustFile, "no");

        Assert.Contains("mend it", Assert.Throws<LocalEngineException>(() => KeyBootstrap.Complete(_folder.FullName)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private string TrustFile => At("trust.json");

    private string At(string name) => Path.Combine(_folder.FullName, name);

    private void Write(TrustDocument document) => File.WriteAllBytes(TrustFile, JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.TrustDocument));
}
