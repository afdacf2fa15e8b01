using System.Text;
using StellaOps.Telemetry.Archive.Scrubbing;
using StellaOps.Telemetry.Archive.Tests.TestServices;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;

namespace StellaOps.Telemetry.Archive.Tests.Scrubbing;

public sealed class ArchiveScrubberTests : IDisposable
{
    private readonly TestArchive _archive = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task Run_EveryMutationOfASoundArchive_IsFound()
    {
        var head = await FillAsync();
        var sound = await _archive.AssertSoundAsync(_store, head);
        Assert.Equal((4L, 3L, 3L, 1L), (sound.Chunks, sound.Tombstones, sound.Roots, sound.Unrooted));
        var missed = new List<string>();
        var table = new SortedDictionary<string, (int Tried, SortedSet<string> As)>(StringComparer.Ordinal);

        foreach (var mutation in new Mutations(_store, _archive).All())
        {
            var store = new MemoryStore(_store);
            mutation.Apply(store);
            var report = await _archive.ScrubAsync(store, head);
            var (tried, kinds) = table.GetValueOrDefault(mutation.Class, (0, new SortedSet<string>(StringComparer.Ordinal)));
            kinds.UnionWith(report.Findings.Select(f => f.Kind));
            table[mutation.Class] = (tried + 1, kinds);
            if (report.FindingCount == 0)
            {
                missed.Add($"{mutation.Class}: {mutation.Name}");
            }
        }

        var text = new StringBuilder("| what was done | tried, all found | found as |\n|---|---|---|\n");
        foreach (var (what, row) in table)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"| {what} | {row.Tried} | {string.Join(", ", row.As)} |\n");
        }

        var tries = table.Values.Sum(r => r.Tried);
        TestContext.Current.TestOutputHelper?.WriteLine($"{tries} mutations\n{text}");
        if (Environment.GetEnvironmentVariable("STELLA_MUTATION_TABLE") is { Length: > 0 } file)
        {
            await File.WriteAllTextAsync(file, $"{tries} mutations\n\n{text}");
        }

        Assert.Empty(missed);
        Assert.True(tries >= 1000, $"{tries} mutations");
    }

    [Fact]
    public async Task Run_SaysWhatWhereAndHowToMend()
    {
        var cut = await Chunks.WriteAsync(_store, 1);
        var miscounted = await Chunks.WriteAsync(_store, 100);
        _store[cut.SegmentKey] = _store[cut.SegmentKey][..20];
        _store[miscounted.ManifestKey] = (miscounted with { Records = 7 }).ToJson();

        var report = await _archive.ScrubAsync(_store);

        Assert.Equal([(KnownFindings.SegmentTruncated, cut.SegmentKey), (KnownFindings.ContentDiffers, miscounted.SegmentKey)], report.Findings.Select(f => (f.Kind, f.Key)));
        Assert.All(report.Findings, f => Assert.True(f.What.Length > 10 && f.Mend == KnownFindings.MendOf(f.Kind)));
        Assert.Contains($"it has 20 bytes of the {cut.StoredBytes}", report.Findings[0].What, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_NewestRootsTakenAway_ShowsOnlyWithAHeadThatIsKnown()
    {
        var head = await FillAsync();
        foreach (var key in _store.Objects.Keys.Where(k => k.Contains("/roots/0000000003", StringComparison.Ordinal)).ToList())
        {
            _store.Remove(key);
        }

        Assert.Equal(0, (await _archive.ScrubAsync(_store)).FindingCount);
        Assert.Contains((await _archive.ScrubAsync(_store, head)).Findings, f => f.Kind == KnownFindings.RootMissing);
    }

    [Fact]
    public async Task Run_TheWholeTenantGone_ShowsWithAHeadThatIsKnown()
    {
        var report = await _archive.ScrubAsync(_store, new RootHead(1, new string('0', 64)), new ScrubScope(Chunks.Tenant));

        Assert.Equal(KnownFindings.RootMissing, Assert.Single(report.Findings).Kind);
    }

    [Fact]
    public async Task Run_AWriterDiedBetweenSegmentAndManifest_IsANote_UnlessItsRecordsStandNowhereElse()
    {
        var lost = await Chunks.WriteAsync(_store, 1);
        _store.Remove(lost.ManifestKey);
        _archive.Time.Now = DateTimeOffset.FromUnixTimeSeconds(Chunks.HalfPastTen / 1_000_000_000);
        var soon = await _archive.AssertSoundAsync(_store);
        _archive.Time.Now = Chunks.Later.AddHours(1);
        var later = await _archive.ScrubAsync(_store);

        // The gateway is back and writes its frames again, cut otherwise.
        await Chunks.WriteAsync(_store, 1, frames: 2);
        await Chunks.WriteAsync(_store, 3, frames: 4, acceptedAt: Chunks.HalfPastTen + 2);
        var mended = await _archive.AssertSoundAsync(_store);

        Assert.Contains(lost.SegmentKey, Assert.Single(soon.Notes), StringComparison.Ordinal);
        Assert.Equal((KnownFindings.SegmentUnnamed, lost.SegmentKey), Assert.Single(later.Findings.Select(f => (f.Kind, f.Key))));
        Assert.Contains("6 of its records", later.Findings[0].What, StringComparison.Ordinal);
        Assert.Contains(lost.SegmentKey, Assert.Single(mended.Notes), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_DiesBeforeAnyStepOfAWriter_NothingIsWrong()
    {
        await Chunks.WriteAsync(_store, 100);
        for (var step = 1; step <= 3; step++)
        {
            var store = new MemoryStore(_store);
            var died = await Record.ExceptionAsync(() => Chunks.WriteAsync(new CrashingStore(store, step), 1));
            Assert.Equal(step < 3, died is CrashException);
            _archive.Time.Now = DateTimeOffset.FromUnixTimeSeconds(Chunks.HalfPastTen / 1_000_000_000);
            await _archive.AssertSoundAsync(store);

            await Chunks.WriteAsync(store, 1);
            _archive.Time.Now = Chunks.Later.AddDays(7);
            Assert.Empty((await _archive.AssertSoundAsync(store)).Notes);
            Assert.Equal(12, (await Records.OfAsync(store)).Count);
        }
    }

    [Fact]
    public async Task Run_GoesOnWhereItStopped_AndCountsNothingTwice()
    {
        var head = await FillAsync();
        await Chunks.WriteAsync(_store, 5000, tenant: Contracts.Tenants.TenantId.Parse("other"));
        _store["archive/v1/loose"] = [1];
        var whole = await _archive.ScrubAsync(_store, head);
        var manner = ScrubManner.Plain with { KnownHead = _ => head };
        var tally = new ScrubTally();
        ScrubCursor? cursor = null;
        for (var stopped = true; stopped;)
        {
            stopped = false;
            tally = new ScrubTally(tally.ToReport());
            try
            {
                await new ArchiveScrubber(_store, _archive.Trust, manner with { KnownHead = t => t == Chunks.Tenant ? head : null }, _archive.Time).RunAsync(
                    new ScrubScope(),
                    tally,
                    cursor,
                    c =>
                    {
                        cursor = c;
                        throw new CrashException();
                    },
                    default);
            }
            catch (CrashException)
            {
                stopped = true;
            }
        }

        var report = tally.ToReport();
        Assert.Equivalent(whole, report);
        Assert.Equal((cursor!.TotalBytes, "other"), (cursor.DoneBytes, cursor.Tenant));
        Assert.Equal(1, report.FindingCount);
    }

    [Fact]
    public async Task Run_ScopeOfDays_LooksAtThoseAlone()
    {
        var head = await FillAsync();
        var bad = await Chunks.WriteAsync(_store, 9000, acceptedAt: Chunks.HalfPastTen + (48 * 60 * Chunks.Minute));
        _store.Remove(bad.SegmentKey);

        Assert.Equal(0, (await _archive.ScrubAsync(_store, head, new ScrubScope(Chunks.Tenant, To: TestArchive.Day))).FindingCount);
        Assert.Equal(1, (await _archive.ScrubAsync(_store, head, new ScrubScope(Chunks.Tenant, From: TestArchive.Day.AddDays(1)))).FindingCount);
    }

    [Fact]
    public void KnownFindings_EachHasItsMend()
    {
        var constants = typeof(KnownFindings).GetFields().Where(f => f.IsLiteral).Select(f => (string)f.GetRawConstantValue()!).Order();

        Assert.Equal(constants, KnownFindings.All.Order());
    }

    public void Dispose() => _archive.Dispose();

    /// <summary>Two days, three roots, an expired and two joined chunks, and one that came after the last root.</summary>
    private async Task<RootHead> FillAsync()
    {
        await Chunks.WriteAsync(_store, 5, acceptedAt: Chunks.HalfPastTen - (24 * 60 * Chunks.Minute));
        var expired = await Chunks.WriteAsync(_store, 50, signal: Signal.Logs);
        await Chunks.WriteAsync(_store, 60, signal: Signal.Logs, service: null);
        await Chunks.WriteAsync(_store, 100);
        await Chunks.WriteAsync(_store, 200);
        await _archive.RootAsync(_store, null, TestArchive.Day.AddDays(-1), TestArchive.Day);
        await _archive.RemoveAsync(_store, expired);
        await _archive.CompactAsync(_store);
        await _archive.RootAsync(_store);
        await Chunks.WriteAsync(_store, 300, gateway: "gw-2");
        var head = (await _archive.ChainAsync(_store)).Head!;
        return new RootHead(head.NumberValue, head.Sha256);
    }
}
