using System.CommandLine;
using StellaOps.Telemetry.Cli.Time;
using StellaOps.Telemetry.Evidence.Kits;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

internal sealed class KitVerifyCommand : StellaCommand
{
    private readonly Argument<string> _kit = new("kit") { Description = "The kit's archive (NAME.tar.zst), its path without suffix, or the folder that holds it." };
    private readonly Option<string[]> _keys = KitKeys.Option();
    private readonly Option<string?> _maxAge = new("--max-age") { Description = "Warn when the kit's source is older, before its own freshness date too.", HelpName = "AGE" };

    public KitVerifyCommand(CliHost host)
        : base(host, "verify", "Verifies an Offline Kit without a network, check by check. Nothing is unpacked.")
    {
        Arguments.Add(_kit);
        Options.Add(_keys);
        Options.Add(_maxAge);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "stella telemetry kit verify stella-telemetry-kit-0.1.0.tar.zst --key kit.pub",
        "stella telemetry kit verify media/ --key kit.pub --max-age 30d --output json",
    ];

    protected override async Task<int> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(context.Arguments.GetRequiredValue(_kit), context.Host.WorkingDirectory);
        var age = context.Arguments.GetValue(_maxAge) is { } text ? Duration.Parse(text, "--max-age") : (TimeSpan?)null;
        var verifier = new KitVerifier(KitKeys.Load(context, context.Arguments.GetValue(_keys), installed: null), age, context.Host.Time);
        var verification = await KitProgress.RunAsync(context, "verifying", null, isDelta: false, progress => verifier.VerifyAsync(path, progress, cancellationToken));
        var report = KitVerifyReport.Of(verification);
        context.Output.Print(report, CliJson.Default.KitVerifyReport, KitTables.Of);
        if (!report.Ok)
        {
            context.Output.Note($"error: {report.Checks.Count(c => c.State == KitCheckState.Failed)} of {report.Checks.Count} checks failed: this is not the kit that was signed, or not by a key that you trust");
        }

        return report.Ok ? CliExitCodes.Done : CliExitCodes.VerificationFailed;
    }
}
