using System.CommandLine;
using Spectre.Console;
using StellaOps.Telemetry.Archive.Frames;
using StellaOps.Telemetry.Cli.Output;
using StellaOps.Telemetry.Evidence.Bundles;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

internal sealed class VerifyCommand : StellaCommand
{
    private readonly Argument<string> _bundle = new("bundle") { Description = "The bundle's archive (NAME.tar.zst), or its path without suffix." };
    private readonly Option<string[]> _keys = EvidenceKeys.Option();

    public VerifyCommand(CliHost host)
        : base(host, "verify", "Verifies a bundle without a network, check by check.")
    {
        Arguments.Add(_bundle);
        Options.Add(_keys);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry verify evidence/acme-20260301T120000Z-20260301T123000Z.tar.zst --key evidence.pub",
        "stella telemetry verify evidence/acme-20260301T120000Z-20260301T123000Z --output json",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(context.Arguments.GetRequiredValue(_bundle), context.Host.WorkingDirectory);
        var keys = EvidenceKeys.Load(context, context.Arguments.GetValue(_keys));
        var verification = await new BundleVerifier(new OtlpFrameInspector()).VerifyAsync(path, keys, cancellationToken);
        context.Output.Print(VerificationReport.Of(verification), CliJson.Default.VerificationReport, TableOf);
        if (!verification.Ok)
        {
            context.Output.Note($"error: {verification.Checks.Count(c => !c.Ok)} of {verification.Checks.Count} checks failed: this is not the evidence that was signed");
        }

        return verification.Ok ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
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
