using System.Text;
using System.Text.Json.Nodes;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Auth;

namespace StellaOps.Telemetry.Tests.Shared.Profiles;

/// <summary>Versions, approvals and deployments of profiles, signed by the people of <see cref="TestIdentities"/>.</summary>
public sealed class SignedProfiles(TestIdentities identities)
{
    /// <summary>When everything is signed that names no other time.</summary>
    public static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public ProfileSigner As(string name) => new(identities.Key(name));

    /// <summary>A version that holds exactly what resolving reads of these documents.</summary>
    public static ProfileClosure Closure(string profile, long version, string? overlay, params IReadOnlyList<ProfileDocument> documents)
    {
        var whole = new ProfileClosure(profile, version, overlay, documents);
        var resolution = whole.Resolve();
        return resolution.IsValid
            ? new ProfileClosure(profile, version, overlay, resolution.Documents)
            : throw new ArgumentException(string.Join("; ", resolution.Faults), nameof(documents));
    }

    /// <summary>The author's bundle, of whatever it resolves to.</summary>
    public byte[] Version(ProfileClosure closure, string author = TestIdentities.Author)
    {
        var resolution = closure.Resolve();
        var hash = resolution.IsValid ? ProfileHash.Compute(resolution.Profile, resolution.RedactionPolicyText) : new string('0', 64);
        return As(author).SignVersion(closure, hash, Now);
    }

    public byte[] Approval(ProfileClosure closure, string by = TestIdentities.Approver) => As(by).Approve(closure, "looks right", Now);

    public byte[] BrokenGlass(ProfileClosure closure, string by = TestIdentities.BreakGlass, DateTimeOffset? at = null) =>
        As(by).BreakTheGlass(closure, "the site is down", at ?? Now);

    public byte[] Deployment(ProfileClosure closure, long counter, long floor = 0, DateTimeOffset? at = null, string by = KnownServices.ProfileService) =>
        As(by).Deploy(closure, counter, floor, $"rollout-{counter}", null, at ?? Now.AddMinutes(counter));

    /// <summary>Everything a receiver needs; approved by nobody unless said.</summary>
    public DeploymentPackage Package(ProfileClosure closure, long counter, long floor = 0, params IReadOnlyList<byte[]> approvals) =>
        new(closure.ToBytes(), Version(closure), approvals, Deployment(closure, counter, floor));

    /// <summary>The same statement, changed, and signed anew by a key that need not be who signed it before.</summary>
    public byte[] Resigned(byte[] bundle, string by, Action<JsonObject> change, string payloadType = Statement.PayloadType)
    {
        var statement = JsonNode.Parse(Payload(bundle))!.AsObject();
        change(statement);
        return Bundle(identities.Key(by), identities.Key(by), payloadType, Encoding.UTF8.GetBytes(statement.ToJsonString()));
    }

    /// <summary>The same statement, signed by one key in the name of another.</summary>
    public byte[] Forged(byte[] bundle, string by, string inTheNameOf) =>
        Bundle(identities.Key(by), identities.Key(inTheNameOf), Statement.PayloadType, Payload(bundle));

    /// <summary>The signed payload of a bundle.</summary>
    public static byte[] Payload(byte[] bundle) => Convert.FromBase64String(JsonNode.Parse(bundle)!["dsseEnvelope"]!["payload"]!.GetValue<string>());

    private static byte[] Bundle(SigningKey by, SigningKey named, string payloadType, byte[] payload) => Encoding.UTF8.GetBytes($$$"""
        {"mediaType":"{{{SigstoreBundle.MediaType}}}","verificationMaterial":{"publicKey":{"hint":"{{{Convert.ToBase64String(Convert.FromHexString(named.KeyId))}}}"}},"dsseEnvelope":{{{Encoding.UTF8.GetString(Dsse.Sign(payloadType, payload, by, withKeyId: false))}}}}
        """);
}
