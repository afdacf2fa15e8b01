using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Profiles.Validation;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.edge</c>: the Collectors upstream.</summary>
internal static class EdgeDiff
{
    private const string Path = "spec.edge";

    public static void Add(ChangeList changes, EdgeProfile? was, EdgeProfile? now)
    {
        if (was is null || now is null)
        {
            Whole(changes, was, now);
            return;
        }

        changes.Value(
            Path + ".gateway", "edge Collectors send to", Words.Of(was.Gateway), Words.Of(now.Gateway),
            Words.Host(was.Gateway) != Words.Host(now.Gateway) && !ListenerRules.IsLoopback(now.Gateway) ? ChangeRisk.OpensEgress : ChangeRisk.Harmless);
        changes.Value(Path + ".cert_file", "certificate of edge Collectors", was.CertFile, now.CertFile, ChangeRisk.Harmless);
        changes.Value(Path + ".key_file", "key of edge Collectors", was.KeyFile, now.KeyFile, ChangeRisk.Harmless);
        changes.Value(Path + ".ca_file", "authorities that edge Collectors trust", was.CaFile, now.CaFile, ChangeRisk.ChangesTrust);
        changes.Limit<long>(Path + ".memory_limit", "memory of edge Collectors", was.MemoryLimit, now.MemoryLimit, Words.Size);
        changes.Fall(Path + ".queue_bytes", "queue of edge Collectors", was.QueueBytes, now.QueueBytes, Words.Size, ChangeRisk.WeakensDurability, ChangeRisk.RaisesLimit);
        changes.Value(Path + ".storage_path", "queue of edge Collectors stands in", was.StoragePath, now.StoragePath, ChangeRisk.Harmless);
        foreach (var processor in was.Processors.Except(now.Processors))
        {
            changes.Add(Path + ".processors", processor, null, RiskWithout(processor), $"edge Collectors no longer have {processor}");
        }

        foreach (var processor in now.Processors.Except(was.Processors))
        {
            changes.Add(Path + ".processors", null, processor, ChangeRisk.Harmless, $"edge Collectors have {processor}");
        }
    }

    private static void Whole(ChangeList changes, EdgeProfile? was, EdgeProfile? now)
    {
        if (now is not null)
        {
            changes.Add(
                Path, null, Words.Of(now.Gateway), ListenerRules.IsLoopback(now.Gateway) ? ChangeRisk.Harmless : ChangeRisk.OpensEgress,
                $"edge Collectors are configured: they send to {Words.Host(now.Gateway)}");
        }
        else if (was is not null)
        {
            changes.Add(Path, Words.Of(was.Gateway), null, ChangeRisk.StopsExport, "edge Collectors are no longer configured");
        }
    }

    private static ChangeRisk RiskWithout(string processor) => processor switch
    {
        EdgeProfile.Redaction => ChangeRisk.WeakensRedaction,
        EdgeProfile.MemoryLimiter => ChangeRisk.RaisesLimit,
        _ => ChangeRisk.Harmless,
    };
}
