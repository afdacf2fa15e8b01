using System.CommandLine;
using System.CommandLine.Help;
using StellaOps.Telemetry.Cli.Commands.Archive;
using StellaOps.Telemetry.Cli.Commands.Audit;
using StellaOps.Telemetry.Cli.Commands.Captures;
using StellaOps.Telemetry.Cli.Commands.DeadLetters;
using StellaOps.Telemetry.Cli.Commands.Deploy;
using StellaOps.Telemetry.Cli.Commands.Evidence;
using StellaOps.Telemetry.Cli.Commands.Holds;
using StellaOps.Telemetry.Cli.Commands.Incidents;
using StellaOps.Telemetry.Cli.Commands.IngestKeys;
using StellaOps.Telemetry.Cli.Commands.Keys;
using StellaOps.Telemetry.Cli.Commands.Kits;
using StellaOps.Telemetry.Cli.Commands.Notifications;
using StellaOps.Telemetry.Cli.Commands.Profiles;
using StellaOps.Telemetry.Cli.Commands.Profiles.Diffing;
using StellaOps.Telemetry.Cli.Commands.Profiles.Rendering;
using StellaOps.Telemetry.Cli.Commands.Rollouts;
using StellaOps.Telemetry.Cli.Commands.Status;
using StellaOps.Telemetry.Cli.Commands.Tenants;
using StellaOps.Telemetry.Cli.Commands.Tokens;

namespace StellaOps.Telemetry.Cli;

/// <summary>The tree of commands.</summary>
internal static class StellaCli
{
    public static async Task<int> RunAsync(string[] args, CliHost host, CancellationToken cancellationToken)
    {
        var parsed = Create(host).Parse(args);
        if (parsed.Errors.Count > 0 && parsed.Action is not CliHelp)
        {
            foreach (var error in parsed.Errors)
            {
                host.Error.WriteLine($"error: {error.Message}");
            }

            host.Error.WriteLine($"  fix: see '{PathOf(parsed.CommandResult.Command)} --help'");
            return CliExitCodes.WrongUsage;
        }

        return await parsed.InvokeAsync(
            new InvocationConfiguration { Output = host.Out, Error = host.Error, EnableDefaultExceptionHandler = false }, cancellationToken);
    }

    public static RootCommand Create(CliHost host)
    {
        var root = new RootCommand("StellaOps on the command line.")
        {
            Group(
                "telemetry",
                "The telemetry stack: incidents, evidence, tenants.",
                new StatusCommand(host),
                Group("tenant", "Who may send.", new TenantAddCommand(host), new TenantListCommand(host), new TenantDisableCommand(host)),
                Group("ingest-key", "Senders' credentials.", new IngestKeyNewCommand(host), new IngestKeyListCommand(host), new IngestKeyRevokeCommand(host)),
                Group(
                    "incident",
                    "Incident mode.",
                    new IncidentStartCommand(host),
                    new IncidentStopCommand(host),
                    new IncidentExtendCommand(host),
                    new IncidentAcknowledgeCommand(host),
                    new IncidentListCommand(host),
                    new IncidentShowCommand(host)),
                new CaptureCommand(host),
                Group(
                    "archive",
                    "What was kept of everything that came, and for how long.",
                    new ArchiveUsageCommand(host),
                    new ArchivePlanCommand(host),
                    new ArchiveSearchCommand(host),
                    new ArchiveExportCommand(host),
                    new ArchiveScrubCommand(host),
                    new ArchiveProveCommand(host),
                    new ArchiveVerifyProofCommand(host)),
                Group("hold", "What must not be deleted.", new HoldListCommand(host), new HoldAddCommand(host), new HoldReleaseCommand(host)),
                new VerifyCommand(host),
                new SignCommand(host),
                new ReplayCommand(host),
                Group(
                    "profile",
                    "What gateways are told to do.",
                    new ProfileListCommand(host),
                    new ProfileShowCommand(host),
                    new ProfileValidateCommand(host),
                    new ProfileRenderCommand(host),
                    new ProfileDiffCommand(host),
                    new ProfileSignCommand(host),
                    new ProfileApplyCommand(host),
                    new ProfileApproveCommand(host),
                    new ProfileHistoryCommand(host),
                    new ProfileTestRedactionCommand(host)),
                new DeployCommand(host),
                Group(
                    "rollout",
                    "Deployments on their way through the fleet.",
                    new RolloutListCommand(host),
                    new RolloutShowCommand(host),
                    new RolloutWatchCommand(host),
                    new RolloutPauseCommand(host),
                    new RolloutResumeCommand(host),
                    new RolloutRollBackCommand(host)),
                Group(
                    "kit",
                    "The Offline Kit for sealed sites.",
                    new KitBuildCommand(host),
                    new KitVerifyCommand(host),
                    new KitImportCommand(host),
                    new KitRollbackCommand(host),
                    new KitSplitCommand(host),
                    new KitJoinCommand(host)),
                Group("keys", "Signing keys, and what they may sign.", new KeysNewCommand(host), new KeysShowCommand(host), new KeysRotateCommand(host)),
                Group("deadletter", "What stores refused for good.", new DeadLetterListCommand(host), new DeadLetterResendCommand(host)),
                Group("notification", "Who was told of incidents.", new NotificationListCommand(host), new NotificationResendCommand(host)),
                Group("audit", "The audit trail.", new AuditListCommand(host)),
                new TokenCommand(host)),
            Group("evidence", "Signed evidence, whoever made it.", new VerifyBundleCommand(host)),
        };
        foreach (var option in (Option[])[CliOptions.Output, CliOptions.Url, CliOptions.State, CliOptions.TokenFile])
        {
            root.Options.Add(option);
        }

        foreach (var help in root.Options.OfType<HelpOption>())
        {
            help.Action = new CliHelp((HelpAction)help.Action!);
        }

        return root;
    }

    private static Command Group(string name, string description, params ReadOnlySpan<Command> commands)
    {
        var group = new Command(name, description);
        foreach (var command in commands)
        {
            group.Subcommands.Add(command);
        }

        return group;
    }

    private static string PathOf(Symbol command)
    {
        var names = new List<string>();
        for (var symbol = command; symbol is not null; symbol = symbol.Parents.FirstOrDefault())
        {
            names.Insert(0, symbol is RootCommand ? "stella" : symbol.Name);
        }

        return string.Join(' ', names);
    }
}
