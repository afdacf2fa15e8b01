using System.Collections.Frozen;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>What a scrub can find. Names are stable: scripts and alerts match them.</summary>
public static class KnownFindings
{
    public const string SegmentMissing = "segment-missing";
    public const string SegmentTruncated = "segment-truncated";
    public const string SegmentChanged = "segment-changed";
    public const string SegmentUnnamed = "segment-unnamed";
    public const string ContentDiffers = "content-differs";
    public const string ManifestDamaged = "manifest-damaged";
    public const string ManifestChanged = "manifest-changed";
    public const string ChunkMissing = "chunk-missing";
    public const string TombstoneForged = "tombstone-forged";
    public const string ReplacementMissing = "replacement-missing";
    public const string ForeignObject = "foreign-object";
    public const string RootMissing = "root-missing";
    public const string RootDamaged = "root-damaged";
    public const string RootForged = "root-forged";
    public const string RootChainBroken = "root-chain-broken";
    public const string RootNotContinued = "root-not-continued";
    public const string RootLeavesDamaged = "root-leaves-damaged";

    private const string FromBackup = "restore the object from a backup or an older version of the bucket, then scrub again; until then its records are missing from captures";

    private static readonly FrozenDictionary<string, string> s_mends = new Dictionary<string, string>
    {
        [SegmentMissing] = FromBackup,
        [SegmentTruncated] = FromBackup,
        [SegmentChanged] = FromBackup,
        [SegmentUnnamed] = "restore its manifest from a backup: the records in it stand nowhere else, and without a manifest nobody reads them",
        [ContentDiffers] = "the writer of this chunk miscounted, or both objects were replaced: restore both from a backup, and report it when they are as they were written",
        [ManifestDamaged] = FromBackup,
        [ManifestChanged] = "somebody replaced the chunk after its day was signed: restore manifest and segment from a backup, and look for who can write to the archive",
        [ChunkMissing] = "a signed root answers for it and no tombstone says why it went: restore manifest and segment from a backup",
        [TombstoneForged] = "somebody without the archive key wrote it: restore the chunk from a backup, and look for who can write to the archive",
        [ReplacementMissing] = "the chunk was joined into one that is not there: restore that one from a backup",
        [ForeignObject] = "nothing of ours writes such a key: move it out of the archive's folder",
        [RootMissing] = "restore it from a backup; no further root is written for this tenant until then",
        [RootDamaged] = "restore it from a backup; no further root is written for this tenant until then",
        [RootForged] = "restore document and attestation from a backup, or name the key that signed it in the trust file when it is yours",
        [RootChainBroken] = "a root was replaced by another: restore the chain from a backup, and look for who has the archive key",
        [RootNotContinued] = "a later root leaves out what an earlier one answers for: restore the chain from a backup, and look for who has the archive key",
        [RootLeavesDamaged] = "restore the list of leaves from a backup",
    }.ToFrozenDictionary();

    /// <summary>Every kind.</summary>
    public static IReadOnlyCollection<string> All => s_mends.Keys;

    /// <summary>How to mend a kind of finding.</summary>
    public static string MendOf(string kind) => s_mends[kind];
}
