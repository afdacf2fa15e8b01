using System.CommandLine;

namespace StellaOps.Telemetry.Cli.Commands.Captures;

/// <summary>Options that several of these commands have.</summary>
internal static class CaptureOptions
{
    public static Option<string?> Target() => new("--out", "-o")
    {
        Description = "Folder for the bundle's files (or DIR/NAME.tar.zst with the bundle's own name). Default: a folder named like the bundle, here.",
        HelpName = "DIR",
    };

    public static Option<bool> RequireComplete() => new("--require-complete") { Description = "End with exit code 1 when the bundle lacks something; it is fetched all the same." };

    public static Argument<string> Id() => new("id") { Description = "The capture's id.", HelpName = "ID" };
}
