using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Evidence.Sigstore;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>Makes the statements about a closure, each a Sigstore bundle that stock cosign verifies.</summary>
public sealed class ProfileSigner(SigningKey key)
{
    /// <summary>The author's statement: goes into <c>author.sigstore.json</c>.</summary>
    /// <param name="hash">What the closure resolves to (<see cref="Hashing.ProfileHash"/>).</param>
    public byte[] SignVersion(ProfileClosure closure, string hash, DateTimeOffset authoredAt) => Sign(
        closure, PredicateTypes.Profile, new ProfilePredicate(authoredAt, hash, closure.Overlay, closure.Profile, closure.Version), SigningJson.Default.ProfilePredicate);

    /// <summary>An approval.</summary>
    public byte[] Approve(ProfileClosure closure, string? comment, DateTimeOffset approvedAt) => Sign(
        closure, PredicateTypes.Approval, new ApprovalPredicate(approvedAt, null, comment, closure.Profile, closure.Version), SigningJson.Default.ApprovalPredicate);

    /// <summary>Waives missing approvals and the floor, for deployments issued within <see cref="DeploymentJudge.BreakGlassLasts"/>.</summary>
    public byte[] BreakTheGlass(ProfileClosure closure, string reason, DateTimeOffset approvedAt) => Sign(
        closure, PredicateTypes.Approval, new ApprovalPredicate(approvedAt, new BreakGlass(reason), null, closure.Profile, closure.Version), SigningJson.Default.ApprovalPredicate);

    /// <summary>A deployment: goes into <c>deployment.sigstore.json</c>.</summary>
    /// <param name="counter">Higher than any deployment's before it.</param>
    /// <param name="floor">The lowest version of this profile that may be deployed from now on; 0 leaves the floor.</param>
    public byte[] Deploy(ProfileClosure closure, long counter, long floor, string rollout, string? reason, DateTimeOffset issuedAt) => Sign(
        closure, PredicateTypes.Deployment, new DeploymentPredicate(counter, floor, issuedAt, closure.Profile, reason, rollout, closure.Version), SigningJson.Default.DeploymentPredicate);

    private byte[] Sign<T>(ProfileClosure closure, string type, T predicate, JsonTypeInfo<T> json)
        where T : IClosurePredicate
    {
        if (predicate.Fault is { } fault)
        {
            throw new ArgumentException(fault);
        }

        return SigstoreBundle.SignStatement(
            new Statement(
                Statement.StatementType,
                [new StatementSubject(closure.SubjectName, new StatementDigest(closure.Digest))],
                type,
                JsonSerializer.SerializeToElement(predicate, json)),
            key);
    }
}
