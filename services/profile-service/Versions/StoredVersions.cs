using System.Collections.Concurrent;
using System.Security.Cryptography;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.ProfileService.Trust;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>
/// Judges what comes out of the database, each time. The same bytes resolve to the same profile, so that part is done once, for as long as the
/// trust file is the same.
/// </summary>
internal sealed class StoredVersions(TrustState trust)
{
    private const int MaxKept = 32;

    private readonly ByTrust<Judged> _judged = new(trust, model => new Judged(model));

    /// <exception cref="StoredBytesException">They are not what was stored, or a key is no longer trusted.</exception>
    public StoredVersion Judge(VersionRow row, IReadOnlyList<ApprovalRow> approvals)
    {
        var known = _judged.Current;
        var judge = known.Trust.Versions;
        var version = JudgeVersion(row, known);
        var judged = new List<StoredApproval>();
        for (var i = 0; i < approvals.Count; i++)
        {
            var what = $"approval {approvals[i].Number} of version {row.Version} of '{row.Profile}'";
            if (judge.TryJudgeApproval(version.Closure, approvals[i].Approval, out var approval, out var refused))
            {
                judged.Add(new StoredApproval(approvals[i], approval));
            }
            else if (refused.Reason != DeploymentRefusal.UnknownSigner)
            {
                throw new StoredBytesException(what, refused);
            }
        }

        byte[][] statements = [.. approvals.Select(a => a.Approval)];
        return judge.TryCount(version, statements, out var count, out var uncountable)
            ? new StoredVersion(row, version, statements, judged, count)
            : throw new StoredBytesException($"the approvals of version {row.Version} of '{row.Profile}'", uncountable);
    }

    private static JudgedVersion JudgeVersion(VersionRow row, Judged known)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData([.. SHA256.HashData(row.Closure), .. SHA256.HashData(row.Author)]));
        if (!known.Versions.TryGetValue(digest, out var version))
        {
            if (!known.Trust.Versions.TryJudge(row.Closure, row.Author, out version, out var refused))
            {
                throw new StoredBytesException($"version {row.Version} of '{row.Profile}'", refused);
            }

            if (known.Versions.Count >= MaxKept)
            {
                known.Versions.Clear();
            }

            known.Versions[digest] = version;
        }

        // A row that holds another version's bytes is as wrong as one with a changed byte.
        return version.Closure.Profile == row.Profile && version.Closure.Version == row.Version
            ? version
            : throw new StoredBytesException(
                $"version {row.Version} of '{row.Profile}'",
                new DeploymentJudgement.Refused(DeploymentRefusal.DigestMismatch, $"the row holds version {version.Closure.Version} of '{version.Closure.Profile}'"));
    }

    /// <summary>What was judged by one trust file.</summary>
    private sealed class Judged(TrustModel model)
    {
        public TrustModel Trust { get; } = model;

        // By the digest of the very bytes that were judged; bounded by MaxKept.
        public ConcurrentDictionary<string, JudgedVersion> Versions { get; } = new(StringComparer.Ordinal);
    }
}
