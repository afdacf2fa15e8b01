using System.Globalization;
using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Contracts.Profiles;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>Versions of a profile as people read them.</summary>
internal static class VersionTables
{
    /// <summary>Profiles by their latest version.</summary>
    public static Table Of(IEnumerable<ProfileResponse> profiles)
    {
        var table = OutputWriter.NewTable("PROFILE", "LATEST", "APPROVED", "DEPLOYED", "FLOOR", "PROBLEM");
        foreach (var profile in profiles)
        {
            table.AddRow(
                Markup.Escape(profile.Name),
                profile.LatestVersion.ToString(CultureInfo.InvariantCulture),
                profile.Problem is not null ? "?" : profile.Approved ? "yes" : "no",
                profile.DeployedVersion?.ToString(CultureInfo.InvariantCulture) ?? "-",
                profile.Floor == 0 ? "-" : profile.Floor.ToString(CultureInfo.InvariantCulture),
                Markup.Escape(profile.Problem ?? "-"));
        }

        return table;
    }

    public static Table Of(params IEnumerable<ProfileVersionResponse> versions)
    {
        var table = OutputWriter.NewTable("VERSION", "AUTHOR", "AUTHORED", "APPROVED BY", "OVERLAY", "HASH");
        foreach (var version in versions)
        {
            table.AddRow(
                Markup.Escape($"{version.Profile}@{version.Version.ToString(CultureInfo.InvariantCulture)}"),
                Markup.Escape(version.Author),
                OutputWriter.Time(version.AuthoredAt),
                Markup.Escape(ApprovalsOf(version)),
                Markup.Escape(version.Overlay ?? "-"),
                version.Hash[..Math.Min(12, version.Hash.Length)]);
        }

        return table;
    }

    private static string ApprovalsOf(ProfileVersionResponse version)
    {
        var people = string.Join(", ", version.Approvals.Select(a => a.Person));
        return version.Approved ? people.Length == 0 ? "none needed" : people : $"{(people.Length == 0 ? "nobody" : people)}; {version.ApprovalsNeeded} needed";
    }
}
