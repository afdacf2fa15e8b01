using FsCheck;
using FsCheck.Fluent;
using StellaOps.Telemetry.Archive.Segments;
using StellaOps.Telemetry.CaptureWorker.Retention.Planning;
using StellaOps.Telemetry.CaptureWorker.Retention.Policy;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Archive;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.CaptureWorker.FunctionalTests.Retention;

/// <summary>Random archives, policies and holds against a simple model: what may go, what has to, and what never does.</summary>
public sealed class RetentionPlannerTests
{
    private const long Hour = 3_600_000_000_000;
    private const long Now = 500_000 * Hour;
    private static readonly string[] s_services = ["a", "b", ""];

    private static readonly Gen<Chunk> s_chunk =
        from age in Gen.Choose(0, 40)
        from minutes in Gen.Choose(0, 59)
        from signal in Gen.Elements(Signal.Traces, Signal.Metrics, Signal.Logs)
        from tier in Gen.Elements("default", "default", "promoted", "other")
        from bytes in Gen.Choose(1, 10)
        from service in Gen.Choose(0, 3)
        from isWarm in Gen.Elements(false, false, true)
        select new Chunk(age, minutes, signal, tier, bytes, service, isWarm);

    private static readonly Gen<Rule> s_rule =
        from keep in Gen.Choose(1, 30)
        from warm in Gen.Choose(0, 29)
        from max in Gen.Choose(0, 60)
        from signalKeep in Gen.Choose(0, 30)
        from signalMax in Gen.Choose(0, 30)
        from tenantMax in Gen.Choose(0, 60)
        select new Rule(keep, warm, max, signalKeep, signalMax, tenantMax);

    private static readonly Gen<Hold> s_hold =
        from fromAge in Gen.Choose(0, 45)
        from hours in Gen.Choose(0, 12)
        from service in Gen.Choose(-1, 1)
        select new Hold(fromAge, hours, service);

    private static readonly Gen<World> s_world =
        from chunks in s_chunk.ListOf()
        from sampled in s_rule
        from promoted in s_rule
        from holds in Gen.Choose(0, 3).SelectMany(n => s_hold.ListOf(n))
        from ahead in Gen.Choose(0, 10)
        select new World([.. chunks], sampled, promoted, [.. holds], ahead);

    [Fact]
    public void AnyArchive_PlanAndModel_Agree() =>
        Prop.ForAll(s_world.ToArbitrary(), world => world.Check()).Check(Config.QuickThrowOnFailure.WithMaxTest(2000).WithEndSize(40));

    [Fact]
    public void Size_Oldest_GoesFirst_AndWhatIsHeldDoesNotCount()
    {
        var policy = new RetentionPolicy("site", [new RetentionTier("sampled", TimeSpan.FromHours(100)) { MaxBytes = 10 }]);
        ChunkManifest[] chunks = [.. new[] { 9, 8, 7, 6 }.Select((age, i) => new Chunk(age, 0, Signal.Traces, "default", 5, 0, false).Manifest(i))];
        var hold = new Protection("hold-1", Now - (9 * Hour), Now - (8 * Hour), new HashSet<string>());

        ArchiveAction[] Plan(params Protection[] protections) => [.. RetentionPlanner.Plan(policy, CaptureFixture.Tenant, protections, chunks, Now, Now).Select(d => d.Action)];

        Assert.Equal([ArchiveAction.Size, ArchiveAction.Size, ArchiveAction.Keep, ArchiveAction.Keep], Plan());
        Assert.Equal([ArchiveAction.Keep, ArchiveAction.Size, ArchiveAction.Keep, ArchiveAction.Keep], Plan(hold));
    }

    [Fact]
    public void Plan_Rules_AreInWords()
    {
        var policy = new RetentionPolicy("site", [new RetentionTier("sampled", TimeSpan.FromDays(1)) { MaxBytes = 1024, WarmAfter = TimeSpan.FromHours(2) }]);
        ChunkManifest[] chunks =
        [
            new Chunk(30, 0, Signal.Logs, "default", 1, 0, false).Manifest(0), new Chunk(9, 0, Signal.Traces, "default", 1000, 0, false).Manifest(1),
            new Chunk(8, 0, Signal.Traces, "default", 1000, 0, false).Manifest(2),
        ];

        Assert.Equal(
            [
                "profile site: tier sampled keeps logs of tenant acme for 1d", "profile site: tier sampled holds at most 1KiB of tenant acme",
                "profile site: tier sampled is warm 2h after traces of tenant acme came",
            ],
            RetentionPlanner.Plan(policy, CaptureFixture.Tenant, [], chunks, Now, Now).Select(d => d.Rule));
    }

    private sealed record Chunk(int Age, int Minutes, Signal Signal, string Tier, int Bytes, int Service, bool IsWarm)
    {
        /// <summary>One frame a minute long, in the middle of an hour, some hours ago.</summary>
        public ChunkManifest Manifest(int number)
        {
            var from = Now - (Age * Hour) + (Minutes * (Hour / 60));
            return new ChunkManifest(
                ChunkManifest.SchemaId, $"c{number}-{Tier}{(IsWarm ? "-warm" : "")}", CaptureFixture.Tenant, Signal, Tier, "gw-1", "1", "1", $"{from}", $"{from + (Hour / 61)}",
                Service < 3 ? [s_services[Service]] : ["a", "b"], 1, 1, Bytes, new string('0', 64), Bytes * 10, new string('0', 64));
        }
    }

    private sealed record Rule(int Keep, int Warm, int Max, int SignalKeep, int SignalMax, int TenantMax)
    {
        public RetentionTier Tier(string name) => new(name, TimeSpan.FromHours(Keep))
        {
            WarmAfter = Warm > 0 && Warm < Keep ? TimeSpan.FromHours(Warm) : null,
            MaxBytes = Max > 0 ? Max : null,
            Signals = new Dictionary<Signal, RetentionRule>
            {
                [Signal.Logs] = new(SignalKeep > 0 ? TimeSpan.FromHours(SignalKeep) : null, null, SignalMax > 0 ? SignalMax : null),
            },
            Tenants = new Dictionary<string, TenantRetention>
            {
                [CaptureFixture.Tenant.Value] = new(new RetentionRule(null, null, TenantMax > 0 ? TenantMax : null), new Dictionary<Signal, RetentionRule>()),
            },
        };

        public long KeepOf(Signal signal) => (signal == Signal.Logs && SignalKeep > 0 ? SignalKeep : Keep) * Hour;

        public long? MaxOf() => TenantMax > 0 ? TenantMax : Max > 0 ? Max : null;

        public long? MaxOf(Signal signal) => signal == Signal.Logs && SignalMax > 0 ? SignalMax : null;
    }

    private sealed record Hold(int FromAge, int Hours, int Service)
    {
        public Protection Protection(int number) => new(
            $"hold-{number}", Now - (FromAge * Hour), Hours == 0 ? null : Now - ((FromAge - Hours) * Hour), Service < 0 ? new HashSet<string>() : new HashSet<string> { s_services[Service] });
    }

    private sealed record World(List<Chunk> Chunks, Rule Sampled, Rule Promoted, List<Hold> Holds, int Ahead)
    {
        public void Check()
        {
            var policy = new RetentionPolicy("site", [Sampled.Tier("sampled"), Promoted.Tier("promoted")]);
            List<ChunkManifest> chunks = [.. Chunks.Select((c, i) => c.Manifest(i)).OrderBy(c => c.AcceptedFromUnixNano).ThenBy(c => c.ManifestKey, StringComparer.Ordinal)];
            List<Protection> protections = [.. Holds.Select((h, i) => h.Protection(i))];
            var plan = RetentionPlanner.Plan(policy, CaptureFixture.Tenant, protections, chunks, Now, Now).ToDictionary(d => d.Chunk.Segment);
            var later = RetentionPlanner.Plan(policy, CaptureFixture.Tenant, protections, chunks, Now, Now + (Ahead * Hour)).ToDictionary(d => d.Chunk.Segment);
            var bySize = OverSize(chunks.Where(c => RuleOf(c) is not null && !IsHeld(c, protections) && !IsExpired(c, Now)).ToList());
            foreach (var chunk in chunks)
            {
                var expected = RuleOf(chunk) is not { } rule ? ArchiveAction.Keep
                    : IsHeld(chunk, protections) ? IsExpired(chunk, Now) ? ArchiveAction.Held : ArchiveAction.Keep
                    : IsExpired(chunk, Now) ? ArchiveAction.Expire
                    : bySize.Contains(chunk) ? ArchiveAction.Size
                    : rule.Warm > 0 && rule.Warm < rule.Keep && !chunk.IsWarm() && Now - chunk.AcceptedToUnixNano >= rule.Warm * Hour ? ArchiveAction.Warm
                    : ArchiveAction.Keep;
                Assert.Equal(expected, plan[chunk.Segment].Action);
                Assert.Equal(expected is ArchiveAction.Held, plan[chunk.Segment].Action == ArchiveAction.Held && plan[chunk.Segment].HeldBy.Count > 0);

                // What people are told ahead is what happens now, and what will be.
                var told = later[chunk.Segment];
                if (expected is ArchiveAction.Expire or ArchiveAction.Size or ArchiveAction.Held)
                {
                    Assert.Equal((expected, plan[chunk.Segment].Rule), (told.Action, told.Rule));
                }
                else if (told.Action is ArchiveAction.Expire)
                {
                    Assert.InRange(told.AtUnixNano, Now + 1, Now + (Ahead * Hour));
                }
            }
        }

        private Rule? RuleOf(ChunkManifest chunk) => chunk.Tier switch { "default" => Sampled, "promoted" => Promoted, _ => null };

        private bool IsExpired(ChunkManifest chunk, long at) => RuleOf(chunk) is { } rule && at - chunk.AcceptedToUnixNano >= rule.KeepOf(chunk.Signal);

        /// <summary>Of the service and the time, or not to be told apart.</summary>
        private static bool IsHeld(ChunkManifest chunk, List<Protection> holds) => holds.Any(h =>
            (h.Services.Count == 0 || chunk.Services.Intersect(h.Services).Any())
            && Math.Max(h.FromUnixNano, chunk.AcceptedFromUnixNano) <= Math.Min((h.ToUnixNano ?? long.MaxValue) - 1, chunk.AcceptedToUnixNano));

        /// <summary>Takes the oldest of whatever is over its bound, until nothing is.</summary>
        private HashSet<ChunkManifest> OverSize(List<ChunkManifest> left)
        {
            var gone = new HashSet<ChunkManifest>();
            while (left.FirstOrDefault(c =>
                left.Where(o => o.Tier == c.Tier).Sum(o => o.StoredBytes) > (RuleOf(c)!.MaxOf() ?? long.MaxValue)
                || left.Where(o => o.Tier == c.Tier && o.Signal == c.Signal).Sum(o => o.StoredBytes) > (RuleOf(c)!.MaxOf(c.Signal) ?? long.MaxValue)) is { } oldest)
            {
                left.Remove(oldest);
                gone.Add(oldest);
            }

            return gone;
        }
    }
}
