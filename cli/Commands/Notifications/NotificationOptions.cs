using System.CommandLine;

namespace StellaOps.Telemetry.Cli.Commands.Notifications;

internal static class NotificationOptions
{
    public static Option<string?> Incident() => new("--incident") { Description = "Only those of this incident.", HelpName = "ID" };

    public static Option<string?> Target() => new("--target") { Description = "Only those for this target.", HelpName = "NAME" };
}
