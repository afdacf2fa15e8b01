using System.Text.Json.Nodes;
using StellaOps.Telemetry.Profiles.Signing;

namespace StellaOps.Telemetry.ProfileService.Versions;

/// <summary>What the audit trail keeps of signed things: JSON.</summary>
internal static class AuditDetail
{
    public static string Of(JudgedVersion version) => new JsonObject
    {
        ["author"] = version.Author,
        ["digest"] = version.Closure.Digest,
        ["hash"] = version.Predicate.Hash,
        ["overlay"] = version.Closure.Overlay,
    }.ToJsonString();

    public static string Of(JudgedApproval approval) => new JsonObject
    {
        ["approver"] = approval.Person,
        ["approvedAt"] = approval.Predicate.ApprovedAt.ToString("O"),
        ["comment"] = approval.Predicate.Comment,
    }.ToJsonString();
}
