using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

/// <summary>A deployment that is damaged on its way, or on a disk: whatever byte it is, none is accepted.</summary>
public sealed class MutationTests : IDisposable
{
    private const int PlacesPerFile = 60;

    private readonly TestIdentities _identities = new();

    public static TheoryData<string> Files => ["closure.json", "author.sigstore.json", "approval-1.sigstore.json", "deployment.sigstore.json"];

    [Theory]
    [MemberData(nameof(Files))]
    public void Judge_AnyByteChangedRemovedOrAdded_IsRefused(string file)
    {
        var signed = new SignedProfiles(_identities);
        var closure = SigningTexts.Closure(1);
        var files = signed.Package(closure, 1, 0, signed.Approval(closure)).ToFiles();
        var judge = new DeploymentJudge(_identities.Trust, new ProfileTrust(new Dictionary<string, int> { [SigningTexts.Profile] = 1 }, null));
        Assert.IsType<DeploymentJudgement.Accepted>(Judge(judge, files, file, files[file]));

        var mutations = Mutations(files[file]).ToList();

        Assert.True(mutations.Count >= 6 * PlacesPerFile, $"{mutations.Count} mutations");
        Assert.All(mutations, m => Assert.False(Judge(judge, files, file, m.Bytes) is DeploymentJudgement.Accepted, m.What));
    }

    public void Dispose() => _identities.Dispose();

    private static DeploymentJudgement Judge(DeploymentJudge judge, IReadOnlyDictionary<string, byte[]> files, string file, byte[] instead)
    {
        Assert.True(DeploymentPackage.TryFromFiles(new Dictionary<string, byte[]>(files) { [file] = instead }, out var package, out var why), why);
        return judge.Judge(package, DeploymentMemory.None);
    }

    /// <summary>At places all over the file, its ends among them.</summary>
    private static IEnumerable<(string What, byte[] Bytes)> Mutations(byte[] whole)
    {
        for (var i = 0; i < PlacesPerFile; i++)
        {
            var at = (int)((long)i * (whole.Length - 1) / (PlacesPerFile - 1));
            yield return ($"bit 0 of byte {at}", Changed(whole, at, b => (byte)(b ^ 1)));
            yield return ($"bit 5 of byte {at}", Changed(whole, at, b => (byte)(b ^ 0x20)));
            yield return ($"byte {at} beyond ASCII", Changed(whole, at, _ => 0xff));
            yield return ($"byte {at} a quote or not", Changed(whole, at, b => b == '"' ? (byte)'x' : (byte)'"'));
            yield return ($"without byte {at}", [.. whole[..at], .. whole[(at + 1)..]]);
            yield return ($"byte {at} twice", whole[at] is (byte)' ' or (byte)'\n' ? [.. whole[..at], (byte)'x', .. whole[at..]] : [.. whole[..(at + 1)], .. whole[at..]]);
            yield return ($"cut at byte {at}", whole[..at]);
        }

        yield return ("twice", [.. whole, .. whole]);
        yield return ("with a byte order mark", [0xef, 0xbb, 0xbf, .. whole]);
    }

    private static byte[] Changed(byte[] whole, int at, Func<byte, byte> change)
    {
        var changed = (byte[])whole.Clone();
        changed[at] = change(changed[at]);
        return changed;
    }
}
