using System.Diagnostics.CodeAnalysis;
using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.Profiles.Hashing;
using StellaOps.Telemetry.Profiles.Resolving;

namespace StellaOps.Telemetry.Profiles.Signing;

/// <summary>Judges a version and its approvals: what the profile service does before it stores them, and each receiver again.</summary>
/// <param name="trust">The local trust file.</param>
/// <param name="policy">What it asks of profiles; null for the built-in rules alone.</param>
public sealed class VersionJudge(TrustStore trust, ProfileTrust? policy)
{
    private readonly StatementReader _reader = new(trust);
    private readonly ApprovalPolicy _policy = new(policy);

    /// <summary>Whether a trusted author wrote this closure, and it resolves to a good profile of the hash that was signed.</summary>
    public bool TryJudge(
        ReadOnlySpan<byte> closure, byte[] author, [NotNullWhen(true)] out JudgedVersion? version, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused)
    {
        version = null;
        return TryParse(closure, out var parsed, out refused) && TryOpenAuthor(author, out var statement, out refused) && TryJudge(parsed, statement, out version, out refused);
    }

    /// <summary>Whether a statement approves this version, or breaks the glass for it, by a key that is trusted for that.</summary>
    public bool TryJudgeApproval(
        ProfileClosure closure, byte[] approval, [NotNullWhen(true)] out JudgedApproval? judged, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused) =>
        TryJudgeApproval("the approval", closure, approval, out judged, out refused);

    /// <summary>
    /// Counts approvals. One that is damaged or about something else refuses them all; one of a key that is not trusted (any more) does not count.
    /// </summary>
    public bool TryCount(
        JudgedVersion version, IReadOnlyList<byte[]> approvals, [NotNullWhen(true)] out ApprovalCount? count, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused)
    {
        count = null;
        var people = new SortedSet<string>(StringComparer.OrdinalIgnoreCase);
        var glass = new List<JudgedApproval>();
        DeploymentJudgement.Refused? passedOver = null;
        for (var i = 0; i < approvals.Count; i++)
        {
            if (!TryJudgeApproval(DeploymentPackage.ApprovalFile(i + 1), version.Closure, approvals[i], out var approval, out refused))
            {
                if (refused.Reason != DeploymentRefusal.UnknownSigner)
                {
                    return false;
                }

                passedOver ??= refused;
            }
            else if (approval.Predicate.BreakGlass is not null)
            {
                glass.Add(approval);
            }
            else if (approval.Person.Equals(version.Author, StringComparison.OrdinalIgnoreCase))
            {
                passedOver = new(DeploymentRefusal.SelfApproved, $"{version.Author} wrote version {version.Closure.Version} of '{version.Closure.Profile}' and cannot approve it: ask somebody else");
            }
            else
            {
                people.Add(approval.Person);
            }
        }

        refused = null;
        count = new ApprovalCount(_policy.NeededFor(version.Resolution.Lineage), [.. people], glass, passedOver);
        return true;
    }

    internal static bool TryParse(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out ProfileClosure? closure, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused)
    {
        refused = ProfileClosure.TryParse(bytes, out closure, out var why)
            ? null
            : new(bytes.Length > ProfileClosure.MaxBytes ? DeploymentRefusal.TooLarge : DeploymentRefusal.Malformed, $"{DeploymentPackage.ClosureFile}: {why}");
        return closure is not null;
    }

    internal bool TryOpenAuthor(
        byte[] bundle, [NotNullWhen(true)] out SignedStatement<ProfilePredicate>? statement, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused) => _reader.TryOpen(
        DeploymentPackage.AuthorFile, bundle, PredicateTypes.Profile, [KnownKeyUses.ProfileAuthor], SigningJson.Default.ProfilePredicate, out statement, out refused);

    internal bool TryOpenDeployment(
        byte[] bundle, [NotNullWhen(true)] out SignedStatement<DeploymentPredicate>? statement, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused) => _reader.TryOpen(
        DeploymentPackage.DeploymentFile, bundle, PredicateTypes.Deployment, [KnownKeyUses.ProfileDeployment], SigningJson.Default.DeploymentPredicate, out statement, out refused);

    internal static bool TryJudge(
        ProfileClosure closure, SignedStatement<ProfilePredicate> author, [NotNullWhen(true)] out JudgedVersion? version, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused)
    {
        version = null;
        if ((refused = author.RefusedFor(closure)) is not null)
        {
            return false;
        }

        if (author.Predicate.Overlay != closure.Overlay)
        {
            refused = new(DeploymentRefusal.WrongPredicate, $"{author.What} says overlay '{author.Predicate.Overlay}', the closure '{closure.Overlay}'");
            return false;
        }

        var resolution = closure.Resolve();
        if (FaultOf(closure, resolution) is { } fault)
        {
            refused = new(DeploymentRefusal.InvalidProfile, fault);
            return false;
        }

        var hash = ProfileHash.Compute(resolution.Profile!, resolution.RedactionPolicyText);
        if (hash != author.Predicate.Hash)
        {
            refused = new(DeploymentRefusal.DigestMismatch, $"the closure comes to the profile {hash} here, and to {author.Predicate.Hash} for its author: sign it with this version of stella");
            return false;
        }

        version = new JudgedVersion(closure, resolution, author.Predicate, author.Signer.Person!);
        return true;
    }

    private static string? FaultOf(ProfileClosure closure, ProfileResolution resolution)
    {
        if (!resolution.IsValid)
        {
            return string.Join("; ", resolution.Faults);
        }

        if (resolution.Profile!.Name != closure.Profile)
        {
            return $"{closure.Profile}.yaml is the profile '{resolution.Profile.Name}'";
        }

        return resolution.Documents.SequenceEqual(closure.Documents)
            ? null
            : $"the closure holds {string.Join(", ", closure.Documents.Select(d => d.Path))}; resolving reads {string.Join(", ", resolution.Documents.Select(d => d.Path))}";
    }

    private bool TryJudgeApproval(
        string what, ProfileClosure closure, byte[] bundle, [NotNullWhen(true)] out JudgedApproval? approval, [NotNullWhen(false)] out DeploymentJudgement.Refused? refused)
    {
        approval = null;
        if (!_reader.TryOpen(
                what, bundle, PredicateTypes.Approval, [KnownKeyUses.ProfileApproval, KnownKeyUses.ProfileBreakGlass], SigningJson.Default.ApprovalPredicate, out var statement, out refused)
            || (refused = statement.RefusedFor(closure)) is not null)
        {
            return false;
        }

        var use = statement.Predicate.BreakGlass is null ? KnownKeyUses.ProfileApproval : KnownKeyUses.ProfileBreakGlass;
        if (!statement.Signer.Uses.Contains(use))
        {
            refused = new(DeploymentRefusal.UnknownSigner, $"{what} is signed by '{statement.Signer.Name}', whose key lacks the use '{use}' in the trust file");
            return false;
        }

        approval = new JudgedApproval(statement.Predicate, statement.Signer.Person!);
        return true;
    }
}

/// <summary>A version that a trusted author signed, and that resolves.</summary>
/// <param name="Author">The person.</param>
public sealed record JudgedVersion(ProfileClosure Closure, ProfileResolution Resolution, ProfilePredicate Predicate, string Author);

/// <summary>An approval, or a breaking of the glass, by a trusted person.</summary>
public sealed record JudgedApproval(ApprovalPredicate Predicate, string Person);

/// <summary>The approvals of one version.</summary>
/// <param name="Needed">How many persons have to approve it here.</param>
/// <param name="People">Those who did, each once, its author never.</param>
/// <param name="BreakGlass">Statements that waive the rules.</param>
/// <param name="PassedOver">Why one did not count; null when all did.</param>
public sealed record ApprovalCount(int Needed, IReadOnlyList<string> People, IReadOnlyList<JudgedApproval> BreakGlass, DeploymentJudgement.Refused? PassedOver)
{
    /// <summary>Whether that is enough.</summary>
    public bool IsEnough => People.Count >= Needed;
}
