using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Installing;
using StellaOps.Telemetry.Evidence.Kits.Pieces;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal sealed class KitImportCommand : StellaCommand
{
    private readonly Argument<string> _kit = new("kit") { Description = "The kit's archive, the folder that holds it, or a folder with its pieces." };
    private readonly Option<string> _to = new("--to") { Description = "The installation: releases/, current, previous.", HelpName = "DIR", Required = true };
    private readonly Option<string[]> _keys = KitKeys.Option();
    private readonly Option<bool> _downgrade = new("--allow-downgrade") { Description = "Take a kit that is older than the one in force." };

    public KitImportCommand(CliHost host)
        : base(host, "import", "Verifies an Offline Kit, unpacks it beside what is there, and puts it in force in one step. Doing it again changes nothing.")
    {
        Arguments.Add(_kit);
        foreach (var option in (Option[])[_to, _keys, _downgrade])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry kit import stella-telemetry-kit-0.1.0.tar.zst --to /opt/stella --key kit.pub",
        "stella telemetry kit import media/ --to /opt/stella",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(context.Arguments.GetRequiredValue(_kit), context.Host.WorkingDirectory);
        var installation = new KitInstallation(Path.GetFullPath(context.Arguments.GetRequiredValue(_to), context.Host.WorkingDirectory));
        var keys = KitKeys.Load(context, context.Arguments.GetValue(_keys), installation.CurrentRelease is null ? null : installation.Current);
        if (Directory.Exists(path) && KitJoiner.HasPieces(path))
        {
            var transfer = Path.Combine(installation.Folder, "transfers");
            var code = await KitJoinCommand.CollectAsync(context, new KitJoiner(keys, transfer), [path], null, cancellationToken);
            if (code != CliExitCodes.Done)
            {
                return code;
            }

            path = transfer;
        }

        var verifier = new KitVerifier(keys, maxAge: null, context.Host.Time);
        var signed = await verifier.VerifySignaturesAsync(path, cancellationToken);
        if (!signed.Ok)
        {
            context.Output.Print(KitVerifyReport.Of(signed), CliJson.Default.KitVerifyReport, KitTables.Of);
            context.Output.Note("error: the kit was not verified, nothing was changed");
            return CliExitCodes.VerificationFailed;
        }

        var import = await ImportAsync(context, installation, signed, context.Arguments.GetValue(_downgrade), cancellationToken);
        if (import.Outcome == KitImportOutcome.OlderRefused)
        {
            throw new CliException(
                CliExitCodes.NotAllowed,
                $"the kit ({import.Manifest.Version}, source of {OutputWriter.Time(import.Manifest.Source.Date)}) is older than the one in force ({import.BeforeManifest!.Version}, {OutputWriter.Time(import.BeforeManifest.Source.Date)}); nothing was changed",
                "say --allow-downgrade when that is meant, or go back to the previous one with 'stella telemetry kit rollback'");
        }

        Report(context, installation, import, verifier);
        return CliExitCodes.Done;
    }

    /// <summary>Says what was done, what time has done to the kit, and what is next.</summary>
    internal static void Report(CommandContext context, KitInstallation installation, KitImport import, KitVerifier verifier)
    {
        context.Output.Print(
            new KitImportReport(import.Outcome, import.Release, import.Before, import.Manifest.Version, installation.Folder), CliJson.Default.KitImportReport, KitTables.Of);
        foreach (var check in verifier.Drift(import.Manifest).Where(c => c.State == KitCheckState.Warning))
        {
            context.Output.Note($"warning: {check.Name}: {check.Detail}");
        }

        context.Output.Say($"next: {installation.Current}/start.sh, then {installation.Current}/bin/stella telemetry status; documents: {installation.Current}/index.html");
    }

    private static async Task<KitImport> ImportAsync(CommandContext context, KitInstallation installation, KitVerification signed, bool allowDowngrade, CancellationToken cancellationToken)
    {
        try
        {
            return await KitProgress.RunAsync(
                context, "importing", null, isDelta: false, progress => installation.ImportAsync(signed, allowDowngrade, progress, cancellationToken));
        }
        catch (KitInvalidException e)
        {
            throw new CliException(CliExitCodes.VerificationFailed, $"{e.Message}; what was in force still is", "fetch the kit again, and see 'stella telemetry kit verify'", e);
        }
    }
}
