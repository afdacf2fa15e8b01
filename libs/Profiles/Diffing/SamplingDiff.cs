using StellaOps.Telemetry.Profiles.Gateway;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.sampling</c>: what is begun, and of that kept. The order of policies says only whose name a stamp bears, and is not compared.</summary>
internal static class SamplingDiff
{
    private const string Path = "spec.sampling";

    public static void Add(ChangeList changes, SamplingSettings was, SamplingSettings now)
    {
        HeadSamplingDiff.Add(changes, was.Head, now.Head);
        if (was.IsOff || now.IsOff)
        {
            if (was.IsOff != now.IsOff)
            {
                changes.Add(
                    Path, was.IsOff ? SamplingSettings.NoSampling : "tail sampling", now.IsOff ? SamplingSettings.NoSampling : "tail sampling",
                    now.IsOff ? ChangeRisk.Harmless : ChangeRisk.LowersSampling, now.IsOff ? "no sampling: everything is kept" : "tail sampling begins: not everything is kept any more");
            }

            return;
        }

        Policies(changes, was.Policies, now.Policies);
        changes.Fall(Path + ".decision_wait", "a trace is decided after", was.DecisionWait, now.DecisionWait, Words.Of, ChangeRisk.LowersSampling);

        // Above these a trace is decided before it is whole.
        changes.Fall<long>(Path + ".num_traces", "undecided traces", was.NumTraces, now.NumTraces, Words.Number, ChangeRisk.LowersSampling, ChangeRisk.RaisesLimit);
        changes.Fall(Path + ".max_bytes", "memory of undecided traces", was.MaxBytes, now.MaxBytes, Words.Size, ChangeRisk.LowersSampling, ChangeRisk.RaisesLimit);
        changes.Fall<long>(Path + ".decision_cache.sampled_cache_size", "kept traces whose late spans are kept", was.SampledCacheSize, now.SampledCacheSize, Words.Number, ChangeRisk.LowersSampling);
        changes.Fall<long>(Path + ".decision_cache.non_sampled_cache_size", "traces not kept whose late spans are known", was.NonSampledCacheSize, now.NonSampledCacheSize, Words.Number, ChangeRisk.Harmless);
        changes.Value(Path + ".logs", "of logs is kept", Logs(was.Logs), Logs(now.Logs), LogShare(now.Logs) < LogShare(was.Logs) ? ChangeRisk.LowersSampling : ChangeRisk.Harmless);
    }

    private static void Policies(ChangeList changes, IReadOnlyList<SamplingPolicy> was, IReadOnlyList<SamplingPolicy> now)
    {
        foreach (var (before, after) in NamedPairs.Of(was, now, p => p.Name, SamplingPolicyDiff.SameButName))
        {
            var name = (after ?? before)!.Name;
            var path = $"{Path}.policies.{name}";
            switch (before, after)
            {
                case (null, { } a):
                    changes.Add(path, null, SamplingWords.Of(a), a is DropPolicy ? ChangeRisk.LowersSampling : ChangeRisk.Harmless, $"sampling policy '{name}' is new: {SamplingWords.Of(a)}");
                    break;
                case ({ } b, null):
                    changes.Add(path, SamplingWords.Of(b), null, b is DropPolicy ? ChangeRisk.Harmless : ChangeRisk.LowersSampling, $"sampling policy '{name}' is gone: {SamplingWords.Of(b)}");
                    break;
                case ({ } b, { } a):
                    if (b.Name != a.Name)
                    {
                        changes.Add(path + ".name", b.Name, a.Name, ChangeRisk.Harmless, $"sampling policy '{b.Name}' is called '{a.Name}'");
                    }

                    new SamplingPolicyDiff(changes, KeptRisks.Keeping).Add(path, $"sampling policy '{name}'", b, a);
                    break;
            }
        }
    }

    private static string Logs(LogSampling logs) => logs.WithTrace ? $"what belongs to a kept trace, {Words.Percent(logs.Percentage)} of the rest" : "all";

    private static double LogShare(LogSampling logs) => logs.WithTrace ? logs.Percentage : 101;
}
