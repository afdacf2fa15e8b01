using System.Globalization;
using System.Security.Cryptography;
using StellaOps.Telemetry.Archive.Objects;
using StellaOps.Telemetry.Archive.Roots;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.Archive.Tombstones;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.Archive.Scrubbing;

/// <summary>Scrubs one tenant's day: whatever stands there, and whatever its newest root says should.</summary>
internal sealed class DayScrub(IObjectStore store, TrustStore trust, ScrubManner manner, TimeProvider time, ScrubTally tally)
{
    private const int HoursPerDay = 24;

    private readonly ArchiveCatalog _catalog = new(store);
    private readonly TombstoneStore _tombstones = new(store, trust);
    private readonly RootStore _roots = new(store, trust);

    public async Task RunAsync(RootChain chain, DateOnly day, CancellationToken cancellationToken)
    {
        var leaves = new Dictionary<string, string>(StringComparer.Ordinal);
        if (chain.NewestOf(day) is { } root)
        {
            // Its faults were found with the chain.
            foreach (var leaf in await _roots.ReadLeavesAsync(root, _ => { }, cancellationToken).ConfigureAwait(false) ?? [])
            {
                leaves[leaf.ManifestKey] = leaf.Sha256;
            }
        }

        foreach (var signal in SignalNames.All)
        {
            var prefix = ArchiveLayout.DayPrefix(chain.Tenant, signal, day);
            var places = await ListAsync(prefix, cancellationToken).ConfigureAwait(false);
            foreach (var place in places.Values)
            {
                leaves.Remove(place.Name + ArchiveLayout.ManifestSuffix, out var signed);
                await ExamineAsync(place, signed, places, cancellationToken).ConfigureAwait(false);
            }
        }

        foreach (var (manifestKey, signed) in leaves)
        {
            await ExamineAbsentAsync(manifestKey, signed, cancellationToken).ConfigureAwait(false);
        }

        tally.Days++;
    }

    private async Task<SortedDictionary<string, Place>> ListAsync(string prefix, CancellationToken cancellationToken)
    {
        var places = new SortedDictionary<string, Place>(StringComparer.Ordinal);
        await foreach (var found in store.ListAsync(prefix, cancellationToken).ConfigureAwait(false))
        {
            // 10/gw-1-...: what stands elsewhere was reported as foreign.
            if (found.Key.AsSpan(prefix.Length).IndexOf('/') != 2 || found.Key.AsSpan(prefix.Length).LastIndexOf('/') != 2
                || !int.TryParse(found.Key.AsSpan(prefix.Length, 2), NumberStyles.None, CultureInfo.InvariantCulture, out var hour) || hour >= HoursPerDay)
            {
                continue;
            }

            if (ArchiveLayout.TryGetName(found.Key, ArchiveLayout.ManifestSuffix) is { } ofManifest)
            {
                PlaceOf(ofManifest).HasManifest = true;
            }
            else if (ArchiveLayout.TryGetName(found.Key, ArchiveLayout.SegmentSuffix) is { } ofSegment)
            {
                PlaceOf(ofSegment).SegmentBytes = found.Bytes;
            }
            else if (ArchiveLayout.TryGetName(found.Key, ArchiveLayout.TombstoneSuffix) is { } ofTombstone)
            {
                PlaceOf(ofTombstone).HasTombstone = true;
            }
        }

        return places;

        Place PlaceOf(string name) => places.TryGetValue(name, out var place) ? place : places[name] = new Place(name);
    }

    private async Task ExamineAsync(Place place, string? signed, SortedDictionary<string, Place> places, CancellationToken cancellationToken)
    {
        if (place.HasTombstone && await ExamineTombstoneAsync(place, signed, places, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        if (place.HasManifest)
        {
            await ExamineChunkAsync(place, signed, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (signed is not null)
        {
            await ExamineAbsentAsync(place.ManifestKey, signed, cancellationToken).ConfigureAwait(false);
        }
        else if (place.SegmentBytes is not null)
        {
            await ExamineUnnamedAsync(place, places, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>False when the tombstone cannot be believed: the chunk is then judged as if there were none.</summary>
    private async Task<bool> ExamineTombstoneAsync(Place place, string? signed, SortedDictionary<string, Place> places, CancellationToken cancellationToken)
    {
        Tombstone tombstone;
        try
        {
            tombstone = await _tombstones.ReadAsync(place.TombstoneKey, cancellationToken).ConfigureAwait(false);
        }
        catch (ArchiveDamagedException e)
        {
            tally.Find(KnownFindings.TombstoneForged, place.TombstoneKey, e.What);
            return false;
        }

        tally.Tombstones++;
        if (signed is not null && InclusionProof.Sha256Of(tombstone.Manifest) != signed)
        {
            tally.Find(KnownFindings.ManifestChanged, place.TombstoneKey, "the manifest in it is not the one that the day's root answers for");
        }

        foreach (var name in (tombstone.ReplacedBy ?? []).Select(n => place.Folder + n))
        {
            if (!places.TryGetValue(name, out var by) || !(by.HasManifest || by.HasTombstone))
            {
                tally.Find(KnownFindings.ReplacementMissing, place.TombstoneKey, $"its frames should stand in '{name}', which is not there");
            }
        }

        if (place.HasManifest || place.SegmentBytes is not null)
        {
            tally.Note($"{place.TombstoneKey}: the deletion was not finished; the next pass over the archive does it");
        }

        return true;
    }

    private async Task ExamineChunkAsync(Place place, string? signed, CancellationToken cancellationToken)
    {
        ChunkManifest manifest;
        try
        {
            if (signed is not null && Convert.ToHexStringLower(SHA256.HashData(
                await store.ReadAllAsync(place.ManifestKey, ChunkManifest.MaxBytes, cancellationToken).ConfigureAwait(false))) != signed)
            {
                tally.Find(KnownFindings.ManifestChanged, place.ManifestKey, "it is not the manifest that the day's root answers for");
            }

            manifest = await _catalog.ReadAsync(place.ManifestKey, cancellationToken).ConfigureAwait(false);
        }
        catch (ArchiveDamagedException e)
        {
            tally.Find(KnownFindings.ManifestDamaged, place.ManifestKey, e.What);
            return;
        }
        catch (ObjectNotFoundException)
        {
            await ExamineAbsentAsync(place.ManifestKey, signed, cancellationToken).ConfigureAwait(false);
            return;
        }

        tally.Unrooted += signed is null ? 1 : 0;
        if (await new ChunkInspector(store).InspectAsync(manifest, place.SegmentBytes, cancellationToken).ConfigureAwait(false) is { } fault)
        {
            if (fault.Kind != KnownFindings.SegmentMissing || !await IsTakenAwayAsync(place.ManifestKey, signed, cancellationToken).ConfigureAwait(false))
            {
                tally.Find(fault.Kind, manifest.SegmentKey, fault.What);
            }

            return;
        }

        tally.Chunks++;
        tally.Records += manifest.Records;
        tally.StoredBytes += manifest.StoredBytes;
        if (manner.BytesPerSecond is { } rate)
        {
            await Task.Delay(TimeSpan.FromSeconds((double)manifest.StoredBytes / rate), time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A chunk that was listed, or is signed for, and whose manifest is not there.</summary>
    private async Task ExamineAbsentAsync(string manifestKey, string? signed, CancellationToken cancellationToken)
    {
        if (!await IsTakenAwayAsync(manifestKey, signed, cancellationToken).ConfigureAwait(false) && !await store.ExistsAsync(manifestKey, cancellationToken).ConfigureAwait(false))
        {
            tally.Find(KnownFindings.ChunkMissing, manifestKey, signed is null
                ? "it was there a moment ago, and no tombstone says why it went"
                : "the day's root answers for it, and neither it nor a tombstone is there");
        }
    }

    /// <summary>Whether a good tombstone stands there now: retention and compaction go on meanwhile.</summary>
    private async Task<bool> IsTakenAwayAsync(string manifestKey, string? signed, CancellationToken cancellationToken)
    {
        try
        {
            var tombstone = await _tombstones.ReadAsync(ArchiveLayout.TryGetName(manifestKey, ArchiveLayout.ManifestSuffix) + ArchiveLayout.TombstoneSuffix, cancellationToken).ConfigureAwait(false);
            return signed is null || InclusionProof.Sha256Of(tombstone.Manifest) == signed;
        }
        catch (Exception e) when (e is ObjectNotFoundException or ArchiveDamagedException)
        {
            return false;
        }
    }

    private async Task ExamineUnnamedAsync(Place place, SortedDictionary<string, Place> places, CancellationToken cancellationToken)
    {
        var note = $"{place.SegmentKey}: a segment without manifest, as a writer leaves it that dies between the two; nobody reads it";
        if (time.GetUtcNow() < place.EndOfHour + manner.Settle)
        {
            tally.Note(note);
            return;
        }

        await Task.Delay(manner.Patience, time, cancellationToken).ConfigureAwait(false);
        if (await store.ExistsAsync(place.ManifestKey, cancellationToken).ConfigureAwait(false) || await IsTakenAwayAsync(place.ManifestKey, null, cancellationToken).ConfigureAwait(false))
        {
            return;
        }

        var others = new List<ChunkManifest>();
        foreach (var other in places.Values.Where(p => p.HasManifest && p.Folder == place.Folder))
        {
            try
            {
                others.Add(await _catalog.ReadAsync(other.ManifestKey, cancellationToken).ConfigureAwait(false));
            }
            catch (Exception e) when (e is ArchiveDamagedException or ObjectNotFoundException)
            {
                // Found by itself.
            }
        }

        var only = await new UnnamedSegment(store, place.SegmentKey).CountRecordsOnlyThereAsync(others, cancellationToken).ConfigureAwait(false);
        if (only == 0)
        {
            tally.Note(note);
        }
        else
        {
            tally.Find(KnownFindings.SegmentUnnamed, place.SegmentKey, only is { } count
                ? $"it has no manifest, and {count} of its records stand nowhere else"
                : "it has no manifest, and cannot be read to its end");
        }
    }

    /// <summary>All that stands under one segment's name.</summary>
    private sealed class Place(string name)
    {
        /// <summary>With its folder.</summary>
        public string Name { get; } = name;

        public bool HasManifest { get; set; }

        public bool HasTombstone { get; set; }

        public long? SegmentBytes { get; set; }

        public string Folder => Name[..(Name.LastIndexOf('/') + 1)];

        public string ManifestKey => Name + ArchiveLayout.ManifestSuffix;

        public string SegmentKey => Name + ArchiveLayout.SegmentSuffix;

        public string TombstoneKey => Name + ArchiveLayout.TombstoneSuffix;

        // archive/v1/acme/traces/2026/03/01/10/
        public DateTimeOffset EndOfHour => new DateTimeOffset(
            DateTime.ParseExact(Folder[^14..^1], "yyyy'/'MM'/'dd'/'HH", CultureInfo.InvariantCulture), TimeSpan.Zero).AddHours(1);
    }
}
