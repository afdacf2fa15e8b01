using System.CommandLine;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Installing;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal sealed class KitRollbackCommand : StellaCommand
{
    private readonly Option<string> _to = new("--to") { Description = "The installation.", HelpName = "DIR", Required = true };

    public KitRollbackCommand(CliHost host)
        : base(host, "rollback", "Puts the release before the one in force in force again. Doing it twice ends where it began.")
    {
        Options.Add(_to);
    }

    public override IReadOnlyList<string> Examples => ["stella telemetry kit rollback --to /opt/stella"];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var installation = new KitInstallation(Path.GetFullPath(context.Arguments.GetRequiredValue(_to), context.Host.WorkingDirectory));
        if (!Directory.Exists(installation.Folder))
        {
            throw CliException.Usage($"there is no folder '{installation.Folder}'", "name the folder that 'stella telemetry kit import --to' made");
        }

        KitImportCommand.Report(context, installation, await installation.RollBackAsync(cancellationToken), new KitVerifier([], maxAge: null, context.Host.Time));
        return CliExitCodes.Done;
    }
}
