using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>
/// Decides whether a deployment may be in force on a receiver, from its own trust file and memory alone. It asks nobody and knows no clock,
/// so that the same deployment is judged the same after a restart.
/// </summary>
/// <param name="trust">The local trust file.</param>
/// <param name="policy">What it asks of profiles; null for the built-in rules alone.</param>
public sealed class DeploymentJudge(TrustStore trust, ProfileTrust? policy)
{
    /// <summary>How far the breaking of the glass and the deployment that it serves may lie apart.</summary>
    public static readonly TimeSpan BreakGlassLasts = TimeSpan.FromHours(24);

    private readonly VersionJudge _versions = new(trust, policy);
    private readonly ApprovalPolicy _policy = new(policy);

    /// <summary>Judges in the order of docs/formats/profile-signing.md; the first fault refuses.</summary>
    public DeploymentJudgement Judge(DeploymentPackage package, DeploymentMemory memory)
    {
        if (package.Approvals.Count > SigningLimits.MaxApprovals)
        {
            return new DeploymentJudgement.Refused(DeploymentRefusal.TooLarge, $"{package.Approvals.Count} approvals, {SigningLimits.MaxApprovals} are allowed");
        }

        if (!VersionJudge.TryParse(package.Closure, out var closure, out var refused) || !_versions.TryOpenDeployment(package.Deployment, out var deployment, out refused))
        {
            return refused;
        }

        if (deployment.Predicate.Counter < memory.Counter || (deployment.Predicate.Counter == memory.Counter && deployment.Digest != memory.Digest))
        {
            return new DeploymentJudgement.Refused(
                DeploymentRefusal.Replayed, $"deployment {deployment.Predicate.Counter} comes after {memory.Counter} was accepted: issue a new deployment to go back to an old version");
        }

        if (!_versions.TryOpenAuthor(package.Author, out var author, out refused)
            || (refused = deployment.RefusedFor(closure)) is not null
            || !VersionJudge.TryJudge(closure, author, out var version, out refused)
            || !_versions.TryCount(version, package.Approvals, out var approvals, out refused))
        {
            return refused;
        }

        var glass = approvals.BreakGlass.FirstOrDefault(g => Serves(g, deployment.Predicate, memory));
        var broken = RefusedByRule(version, deployment.Predicate, approvals, memory);
        return broken is not null && glass is null
            ? Explain(broken, approvals)
            : new DeploymentJudgement.Accepted(
                closure,
                version.Resolution,
                deployment.Predicate,
                Remember(memory, deployment),
                version.Author,
                approvals.People,
                broken is null ? null : new BrokenGlass(glass!.Person, glass.Predicate.BreakGlass!.Reason));
    }

    private DeploymentJudgement.Refused? RefusedByRule(JudgedVersion version, DeploymentPredicate deployment, ApprovalCount approvals, DeploymentMemory memory)
    {
        var (profile, number) = (version.Closure.Profile, version.Closure.Version);
        if (!approvals.IsEnough)
        {
            return approvals.PassedOver ?? new(
                DeploymentRefusal.Unapproved, $"version {number} of '{profile}' has {approvals.People.Count} approvals and needs {approvals.Needed}: ask somebody other than {version.Author}");
        }

        var floor = Math.Max(Math.Max(_policy.FloorOf(profile), memory.Floors.GetValueOrDefault(profile)), deployment.Floor);
        return number < floor
            ? new(DeploymentRefusal.BelowFloor, $"version {number} of '{profile}' is below the floor {floor}: deploy that version or a later one")
            : null;
    }

    /// <summary>
    /// An old statement must not serve for ever: the floor may have been raised since. A deployment that claims to be old is taken to be no
    /// older than the one before it.
    /// </summary>
    private static bool Serves(JudgedApproval glass, DeploymentPredicate deployment, DeploymentMemory memory)
    {
        var issuedAt = deployment.IssuedAt > memory.IssuedAt ? deployment.IssuedAt : memory.IssuedAt;
        return (issuedAt - glass.Predicate.ApprovedAt).Duration() <= BreakGlassLasts;
    }

    private static DeploymentJudgement.Refused Explain(DeploymentJudgement.Refused refused, ApprovalCount approvals) => approvals.BreakGlass.Count == 0
        ? refused
        : refused with { Text = $"{refused.Text}; the glass was broken more than {BreakGlassLasts.TotalHours:0} hours before or after this deployment" };

    private static DeploymentMemory Remember(DeploymentMemory memory, SignedStatement<DeploymentPredicate> deployment)
    {
        var floors = new Dictionary<string, long>(memory.Floors, StringComparer.Ordinal);
        if (deployment.Predicate.Floor > floors.GetValueOrDefault(deployment.Predicate.Profile))
        {
            floors[deployment.Predicate.Profile] = deployment.Predicate.Floor;
        }

        var issuedAt = deployment.Predicate.IssuedAt > memory.IssuedAt ? deployment.Predicate.IssuedAt : memory.IssuedAt;
        return new DeploymentMemory(deployment.Predicate.Counter, deployment.Digest, issuedAt, floors);
    }
}
