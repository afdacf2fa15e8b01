using System.Reflection;

namespace StellaOps.Telemetry.Contracts.Tests;

public sealed class KnownScopesTests
{
    private static readonly string[] s_viewer = ["captures:read", "incidents:read", "profiles:read", "rules:read", "telemetry:read"];

    // Written out, not computed: who may do what is a promise to the people who hand out roles.
    public static TheoryData<string, string[]> Roles => new()
    {
        { "viewer", s_viewer },
        { "operator", [.. s_viewer, "profiles:write", "profiles:deploy", "rules:write", "incidents:write"] },
        { "responder", [.. s_viewer, "incidents:write", "captures:create", "captures:export"] },
        { "approver", [.. s_viewer, "profiles:approve"] },
        { "auditor", [.. s_viewer, "audit:read"] },
        { "admin", ["admin"] },
    };

    [Theory]
    [MemberData(nameof(Roles))]
    public void Role_MayDoThisAndNothingElse(string role, string[] scopes) =>
        Assert.Equal(scopes.Order(StringComparer.Ordinal), KnownScopes.Roles[role].Order(StringComparer.Ordinal));

    [Fact]
    public void Roles_AreTheseSix() => Assert.Equal(
        ["admin", "approver", "auditor", "operator", "responder", "viewer"],
        KnownScopes.Roles.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void NoRole_SendsTelemetryOrActsAsAService() => Assert.DoesNotContain(
        KnownScopes.Roles.Values.SelectMany(s => s),
        s => s is "telemetry:write" or "replay:write" or "gateway:peer" or "fleet:agent");

    [Fact]
    public void WhoWrites_NeverApproves() => Assert.DoesNotContain(
        KnownScopes.Roles.Values,
        s => s.Contains(KnownScopes.ProfilesWrite) && s.Contains(KnownScopes.ProfilesApprove));

    [Fact]
    public void All_NamesEveryConstantOnce()
    {
        var constants = typeof(KnownScopes).GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!);
        Assert.Equal(constants.Order(StringComparer.Ordinal), KnownScopes.All.Order(StringComparer.Ordinal));
    }
}
