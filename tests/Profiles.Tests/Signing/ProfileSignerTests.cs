using System.Text;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.Profiles.Tests.Signing;

public sealed class ProfileSignerTests : IDisposable
{
    private static readonly ProfileClosure s_closure = new("p", 7, "prod", [new ProfileDocument("p.yaml", "")]);

    private readonly TestIdentities _identities = new();

    [Fact]
    public void SignVersion_Statement_IsCanonicalAndWhole() => Assert.Equal(
        $$$"""{"_type":"https://in-toto.io/Statement/v1","predicate":{"authoredAt":"2026-03-01T12:00:00Z","hash":"abc","overlay":"prod","profile":"p","version":7},"predicateType":"https://stella-ops.org/telemetry/profile/v1","subject":[{"digest":{"sha256":"{{{s_closure.Digest}}}"},"name":"p-7.closure.json"}]}""",
        Text(As(TestIdentities.Author).SignVersion(s_closure, "abc", SignedProfiles.Now.AddMilliseconds(999).ToOffset(TimeSpan.FromHours(2)))));

    [Fact]
    public void Approve_Statement_IsCanonicalAndWhole() => Assert.Equal(
        $$$"""{"_type":"https://in-toto.io/Statement/v1","predicate":{"approvedAt":"2026-03-01T12:00:00Z","breakGlass":null,"comment":null,"profile":"p","version":7},"predicateType":"https://stella-ops.org/telemetry/approval/v1","subject":[{"digest":{"sha256":"{{{s_closure.Digest}}}"},"name":"p-7.closure.json"}]}""",
        Text(As(TestIdentities.Approver).Approve(s_closure, null, SignedProfiles.Now)));

    [Fact]
    public void BreakTheGlass_Statement_IsCanonicalAndWhole() => Assert.Equal(
        $$$"""{"_type":"https://in-toto.io/Statement/v1","predicate":{"approvedAt":"2026-03-01T12:00:00Z","breakGlass":{"reason":"down"},"comment":null,"profile":"p","version":7},"predicateType":"https://stella-ops.org/telemetry/approval/v1","subject":[{"digest":{"sha256":"{{{s_closure.Digest}}}"},"name":"p-7.closure.json"}]}""",
        Text(As(TestIdentities.BreakGlass).BreakTheGlass(s_closure, "down", SignedProfiles.Now)));

    [Fact]
    public void Deploy_Statement_IsCanonicalAndWhole() => Assert.Equal(
        $$$"""{"_type":"https://in-toto.io/Statement/v1","predicate":{"counter":9,"floor":3,"issuedAt":"2026-03-01T12:00:00Z","profile":"p","reason":"because","rollout":"r-1","version":7},"predicateType":"https://stella-ops.org/telemetry/deployment/v1","subject":[{"digest":{"sha256":"{{{s_closure.Digest}}}"},"name":"p-7.closure.json"}]}""",
        Text(As(KnownServices.ProfileService).Deploy(s_closure, 9, 3, "r-1", "because", SignedProfiles.Now)));

    [Fact]
    public void Deploy_UnlawfulValues_AreRefused()
    {
        var signer = As(KnownServices.ProfileService);

        Assert.Throws<ArgumentException>(() => signer.Deploy(s_closure, 0, 0, "r", null, SignedProfiles.Now));
        Assert.Throws<ArgumentException>(() => signer.Deploy(s_closure, 1L << 53, 0, "r", null, SignedProfiles.Now));
        Assert.Throws<ArgumentException>(() => signer.Deploy(s_closure, 1, -1, "r", null, SignedProfiles.Now));
        Assert.Throws<ArgumentException>(() => signer.Deploy(s_closure, 1, 0, "", null, SignedProfiles.Now));
        Assert.Throws<ArgumentException>(() => signer.Deploy(s_closure, 1, 0, "r", new string('x', 1025), SignedProfiles.Now));
        Assert.Throws<ArgumentException>(() => As(TestIdentities.Approver).Approve(s_closure, new string('x', 1025), SignedProfiles.Now));
    }

    public void Dispose() => _identities.Dispose();

    private static string Text(byte[] bundle) => Encoding.UTF8.GetString(SignedProfiles.Payload(bundle));

    private ProfileSigner As(string name) => new(_identities.Key(name));
}
