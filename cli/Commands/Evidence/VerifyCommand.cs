using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

internal sealed class VerifyCommand : StellaCommand
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "The bundle's archive (NAME.tar.zst), or its path without suffix." };
    private readonly SignerOptions _signers = new();
    private readonly Option<int> _required = new("--require-signers") { Description = "How many of those that may have signed must have.", HelpName = "N", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _everyone = new("--require-all") { Description = "Each of those that may have signed must have." };
    private readonly Option<bool> _time = new("--require-time") { Description = "Each signature must bear the time of a timestamp authority that is believed." };

    public VerifyCommand(CliHost host)
        : base(host, "verify", "Verifies a bundle without a network, check by check.")
    {
        Arguments.Add(_bundle);
        _signers.AddTo(this);
        foreach (var option in (Option[])[_required, _everyone, _time])
        {
            Options.Add(option);
        }
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry verify evidence/acme-20260301T120000Z-20260301T123000Z.tar.zst --key evidence.pub",
        "stella telemetry verify evidence/acme-20260301T120000Z-20260301T123000Z --output json",
        "stella telemetry verify acme.tar.zst --key service.pub --key operator.pub --require-all --tsa-certificate tsa.pem --require-time",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(context.Arguments.GetRequiredValue(_bundle), context.Host.WorkingDirectory);
        var verification = await new BundleVerifier(new OtlpFrameInspector()).VerifyAsync(path, DemandOf(context), cancellationToken);
        context.Output.Print(VerificationReport.Of(verification), CliJson.Default.VerificationReport, TableOf);
        if (!verification.Ok)
        {
            context.Output.Note($"error: {verification.Checks.Count(c => !c.Ok)} of {verification.Checks.Count} checks failed: this is not the evidence that was signed");
        }

        return verification.Ok ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }

    private VerificationDemand DemandOf(CommandContext context)
    {
        var demand = new VerificationDemand(_signers.Load(context))
        {
            Signers = context.Arguments.GetValue(_required),
            Everyone = context.Arguments.GetValue(_everyone),
            Time = context.Arguments.GetValue(_time),
            Clock = context.Host.Time,
        };
        var possible = demand.Trust.Keys.Count + demand.Trust.Identities.Count;
        return demand.Signers >= 1 && demand.Signers <= possible
            ? demand
            : throw CliException.Usage($"--require-signers {demand.Signers}: {possible} may have signed", "name more signers with --key, or ask for 1 of them or more");
    }

    private static Table TableOf(VerificationReport report)
    {
        var table = OutputWriter.NewTable("", "CHECK", "DETAIL");
        foreach (var check in report.Checks)
        {
            table.AddRow(check.Ok ? "[green]ok[/]" : "[red]FAILED[/]", Markup.Escape(check.Name), Markup.Escape(check.Detail));
        }

        return table;
    }
}
