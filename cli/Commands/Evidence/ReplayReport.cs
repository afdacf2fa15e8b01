namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>What <c>replay</c> prints.</summary>
/// <param name="Ok">Whether every count is the manifest's.</param>
/// <param name="ReplayId">Null for a dry run.</param>
/// <param name="WasResumed">Whether an earlier run had begun this replay.</param>
/// <param name="Batches">Batches acknowledged.</param>
/// <param name="Seconds">How long this run took.</param>
/// <param name="Shift">By how much all times were shifted, as nanoseconds; null: not, and the records are the bundle's bytes.</param>
/// <param name="StateFile">Where is kept how far it is; null for a dry run.</param>
internal sealed record ReplayReport(
    bool Ok,
    string Bundle,
    string ArchiveHash,
    string Endpoint,
    string? Tenant,
    string? ReplayId,
    bool DryRun,
    bool WasResumed,
    long Batches,
    double Seconds,
    string? Shift,
    string? StateFile,
    IReadOnlyList<ReplayCount> Signals,
    ReplayProof Proof,
    IReadOnlyList<string> Failures);

/// <summary>One signal's counts.</summary>
/// <param name="Manifest">Records that the bundle says it holds.</param>
/// <param name="Accepted">Records that the endpoint answered to have taken.</param>
/// <param name="Rejected">Records that the endpoint refused in a partial success.</param>
/// <param name="Gateway">Records of this replay that the gateway counts, each batch once; null when it was not asked.</param>
internal sealed record ReplayCount(string Signal, long Manifest, long Sent, long Accepted, long Rejected, long? Gateway)
{
    public bool Ok(bool dryRun) => Sent == Manifest && (dryRun || (Accepted == Manifest && Rejected == 0 && (Gateway is null || Gateway == Manifest)));
}

/// <summary>What shows that the records arrived.</summary>
/// <param name="By"><c>gateway</c>: its count of this replay; <c>answers</c>: the endpoint's answers alone; <c>nothing</c>: nothing was sent.</param>
/// <param name="Says">What that proves, and what not.</param>
/// <param name="Gateways">Who was asked.</param>
internal sealed record ReplayProof(string By, string Says, IReadOnlyList<string> Gateways)
{
    public static ReplayProof Nothing { get; } = new("nothing", "a dry run: nothing was sent", []);

    public static ReplayProof Answers(bool isMarkUnderstood) => new(
        "answers",
        isMarkUnderstood
            ? "the gateway acknowledged every batch as a replay's; it was not asked what it counts (--gateway-url)"
            : "the endpoint acknowledged every batch; whether it stored each record, and each once, is not proven: it is no gateway that could be asked",
        []);

    public static ReplayProof Gateway(IReadOnlyList<string> gateways) => new("gateway", "the gateway's count of this replay, each batch once and no other traffic, is compared with the manifest", gateways);
}
