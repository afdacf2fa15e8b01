namespace StellaOps.Telemetry.Contracts.Archive;

/// <summary>What a scrub of the archive looked at and found.</summary>
/// <param name="Chunks">Chunks whose segment was read to its last byte.</param>
/// <param name="StoredBytes">Of those segments.</param>
/// <param name="Unrooted">Chunks that no day root answers for yet: what is missing among them shows only in the gateways' ledger.</param>
/// <param name="FindingCount">All of them; <see cref="Findings"/> has the first.</param>
/// <param name="Findings">What is wrong, at most <see cref="MaxFindings"/>.</param>
/// <param name="Notes">What a crash left and nobody reads, at most <see cref="MaxNotes"/>; nothing of it is wrong.</param>
/// <param name="Heads">The newest root of each tenant's chain: keep them, and a later scrub can tell that newer roots were taken away.</param>
public sealed record ScrubReport(
    long Tenants,
    long Days,
    long Chunks,
    long Records,
    long StoredBytes,
    long Tombstones,
    long Roots,
    long Unrooted,
    long FindingCount,
    IReadOnlyList<ScrubFinding> Findings,
    IReadOnlyList<string> Notes,
    IReadOnlyDictionary<string, RootHead> Heads)
{
    /// <summary>The most findings that are listed.</summary>
    public const int MaxFindings = 1000;

    /// <summary>The most notes that are listed.</summary>
    public const int MaxNotes = 1000;

    /// <summary>A report of nothing.</summary>
    public static ScrubReport Empty { get; } = new(0, 0, 0, 0, 0, 0, 0, 0, 0, [], [], new Dictionary<string, RootHead>());
}

/// <summary>One thing that is wrong.</summary>
/// <param name="Kind">A stable name: docs/formats/archive-integrity.md.</param>
/// <param name="Key">The object.</param>
/// <param name="What">What is wrong with it.</param>
/// <param name="Mend">How to mend it.</param>
public sealed record ScrubFinding(string Kind, string Key, string What, string Mend);

/// <summary>The end of a chain of day roots.</summary>
/// <param name="Sha256">Of the root document, lower-case hex.</param>
public sealed record RootHead(long Number, string Sha256);
