using System.CommandLine;

namespace StellaOps.Telemetry.Cli.Commands.Profiles;

/// <summary>Options that several profile commands have.</summary>
internal static class ProfileOptions
{
    public static Option<string?> Overlay(string description) => new("--overlay") { Description = description, HelpName = "ENV" };
}
