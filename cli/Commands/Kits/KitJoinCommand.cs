using System.CommandLine;
using StellaOps.Telemetry.Evidence.Kits;
using StellaOps.Telemetry.Evidence.Kits.Pieces;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal sealed class KitJoinCommand : StellaCommand
{
    private readonly Argument<string[]> _inboxes = new("folder") { Description = "Folders with pieces, in any order; what else is in them is left alone.", Arity = ArgumentArity.OneOrMore };
    private readonly Option<string> _folder = new("--out", "-o") { Description = "Where the kit comes to be. What has come stays there until all has.", HelpName = "DIR", Required = true };
    private readonly Option<string[]> _keys = KitKeys.Option();
    private readonly Option<string?> _transfer = new("--transfer") { Description = "The transfer to collect, when there are several.", HelpName = "ID" };

    public KitJoinCommand(CliHost host)
        : base(host, "join", "Collects the pieces of a kit, says which are missing, and makes the kit of them when all are there.")
    {
        Arguments.Add(_inboxes);
        foreach (var option in (Option[])[_folder, _keys, _transfer])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry kit join /media/stick -o kit --key kit.pub",
        "stella telemetry kit join inbox-1 inbox-2 -o kit --key kit.pub --transfer 3f2a",
    ];

    protected override Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var inboxes = context.Arguments.GetRequiredValue(_inboxes).Select(f => Path.GetFullPath(f, context.Host.WorkingDirectory)).ToList();
        if (inboxes.FirstOrDefault(f => !Directory.Exists(f)) is { } absent)
        {
            throw CliException.Usage($"there is no folder '{absent}'", "name folders with pieces in them");
        }

        var folder = Path.GetFullPath(context.Arguments.GetRequiredValue(_folder), context.Host.WorkingDirectory);
        return CollectAsync(context, new KitJoiner(KitKeys.Load(context, context.Arguments.GetValue(_keys), installed: null), folder), inboxes, context.Arguments.GetValue(_transfer), cancellationToken);
    }

    /// <summary>Collects, prints the report; done only when nothing is missing.</summary>
    internal static async Task<int> CollectAsync(CommandContext context, KitJoiner joiner, IReadOnlyList<string> inboxes, string? transfer, CancellationToken cancellationToken)
    {
        try
        {
            var report = await KitProgress.RunAsync(context, "collecting", null, isDelta: true, progress => joiner.CollectAsync(inboxes, transfer, progress, cancellationToken));
            context.Output.Print(report, CliJson.Default.KitTransferReport, KitTables.Of);
            if (!report.Complete)
            {
                context.Output.Note($"error: {report.Missing.Count} of {report.Pieces} pieces are missing: {report.MissingText}");
                context.Output.Note($"  fix: have them sent again (stella telemetry kit split ... --only {report.MissingText}) and run this again with the folder that they come in");
            }

            return report.Complete ? CliExitCodes.Done : CliExitCodes.Failed;
        }
        catch (KitInvalidException e)
        {
            throw new CliException(CliExitCodes.VerificationFailed, e.Message, "name the folder that the pieces came in, the signer's key with --key, and the transfer with --transfer when there are several", e);
        }
    }
}
