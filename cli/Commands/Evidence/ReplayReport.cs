namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>What <c>replay</c> prints.</summary>
/// <param name="Ok">Whether every count is the manifest's.</param>
internal sealed record ReplayReport(bool Ok, string Bundle, string Endpoint, string ReplayId, bool DryRun, double Seconds, IReadOnlyList<ReplayCount> Signals, IReadOnlyList<string> Failures);

/// <summary>One signal's counts.</summary>
/// <param name="Manifest">Records that the bundle says it holds.</param>
/// <param name="Accepted">Records that the endpoint answered to have taken.</param>
/// <param name="Rejected">Records that the endpoint refused in a partial success.</param>
/// <param name="Ledger">Records that the gateway's ledger counts more than before; null when it was not asked.</param>
internal sealed record ReplayCount(string Signal, long Manifest, long Sent, long Accepted, long Rejected, long? Ledger)
{
    public bool Ok(bool dryRun) => Sent == Manifest && (dryRun || (Accepted == Manifest && Rejected == 0 && (Ledger is null || Ledger == Manifest)));
}
