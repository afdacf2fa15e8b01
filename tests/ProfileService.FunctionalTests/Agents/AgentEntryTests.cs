using StellaOps.Telemetry.Contracts.Fleet;
using StellaOps.Telemetry.OpAmp;
using StellaOps.Telemetry.ProfileService.Agents;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.Agents;

/// <summary>When an agent's record is worth a write.</summary>
public sealed class AgentEntryTests
{
    private static readonly TimeSpan s_signOfLife = TimeSpan.FromSeconds(20);
    private static readonly DateTimeOffset s_now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly AgentRecord s_record = new(
        InstanceUid.New(s_now), "edge", "1", new Dictionary<string, string>(), "http", true, true, null, AgentConfigStatus.Unset, null, null, null,
        new AgentHealth(true, "ok", null, [], new Dictionary<string, double> { ["a"] = 1 }), s_now, s_now);

    [Fact]
    public void IsDirty_Heartbeat_OnlyAfterAWhile()
    {
        var entry = Written();
        entry.Update(s_record with { LastSeenAt = s_now.AddSeconds(19), Health = s_record.Health! with { Metrics = new Dictionary<string, double> { ["a"] = 1 } } });
        Assert.False(entry.IsDirty(s_signOfLife));
        entry.Update(s_record with { LastSeenAt = s_now.AddSeconds(20) });
        Assert.True(entry.IsDirty(s_signOfLife));
    }

    [Fact]
    public void IsDirty_AnythingARolloutLooksAt_AtOnce()
    {
        foreach (var change in new Func<AgentRecord, AgentRecord>[]
        {
            r => r with { RunningHash = "aa" },
            r => r with { RefusedHash = "bb" },
            r => r with { Status = AgentConfigStatus.Applying },
            r => r with { Connected = false },
            r => r with { Health = r.Health! with { Healthy = false } },
            r => r with { Health = r.Health! with { Metrics = new Dictionary<string, double> { ["a"] = 2 } } },
        })
        {
            var entry = Written();
            entry.Update(change(s_record));
            Assert.True(entry.IsDirty(s_signOfLife));
            entry.OnWritten(entry.Record!);
            Assert.False(entry.IsDirty(s_signOfLife));
        }
    }

    [Fact]
    public void OnWritten_ChangedMeanwhile_StaysDirty()
    {
        var entry = Written();
        var written = s_record with { RunningHash = "aa" };
        entry.Update(written);
        entry.Update(written with { RunningHash = "bb" });
        entry.OnWritten(written);
        Assert.True(entry.IsDirty(s_signOfLife));
    }

    [Fact]
    public void Prune_SilentAndStored_IsForgottenAndAnyOtherIsNot()
    {
        var registry = new AgentRegistry();
        var (silent, unwritten, fresh) = (InstanceUid.New(s_now), InstanceUid.New(s_now), InstanceUid.New(s_now));
        Add(registry, silent, s_now, isWritten: true);
        Add(registry, unwritten, s_now, isWritten: false);
        Add(registry, fresh, s_now.AddMinutes(2), isWritten: true);

        registry.Prune(s_now.AddMinutes(1), s_signOfLife);
        Assert.Equal((true, false, false), (registry.Find(silent) is null, registry.Find(unwritten) is null, registry.Find(fresh) is null));
    }

    /// <summary>Such as one that only somebody else reported.</summary>
    [Fact]
    public void Prune_NothingCameToBeKnown_IsForgottenAsWell()
    {
        var registry = new AgentRegistry();
        var (old, fresh) = (InstanceUid.New(s_now), InstanceUid.New(s_now));
        registry.GetOrAdd(old, s_now);
        registry.GetOrAdd(fresh, s_now.AddMinutes(2));

        registry.Prune(s_now.AddMinutes(1), s_signOfLife);
        Assert.Equal((true, false), (registry.Find(old) is null, registry.Find(fresh) is null));
    }

    [Fact]
    public void KeepDesired_ForgottenInTheDatabase_IsForgottenHere()
    {
        var registry = new AgentRegistry();
        var (kept, gone) = (InstanceUid.New(s_now), InstanceUid.New(s_now));
        registry.Desire(kept, 7);
        registry.Desire(gone, 7);

        registry.KeepDesired(new HashSet<Guid> { kept.Value });
        Assert.Equal((7L, (long?)null), (registry.DesiredOf(kept), registry.DesiredOf(gone)));
    }

    private static void Add(AgentRegistry registry, InstanceUid uid, DateTimeOffset seen, bool isWritten)
    {
        var (entry, record) = (registry.GetOrAdd(uid, s_now)!, s_record with { Uid = uid, LastSeenAt = seen });
        entry.Update(record);
        if (isWritten)
        {
            entry.OnWritten(record);
        }
    }

    private static AgentEntry Written()
    {
        var entry = new AgentEntry { MadeAt = s_now };
        entry.Update(s_record);
        entry.OnWritten(s_record);
        return entry;
    }
}
