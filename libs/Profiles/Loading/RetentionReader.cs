using System.Collections.Frozen;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary><c>spec.retention</c>.</summary>
internal static class RetentionReader
{
    private const string DurationForm = "a duration such as 12h or 14d";
    private const string SizeForm = "a size such as 500GiB";

    public static IReadOnlyList<RetentionTier> Read(YamlSection spec, string key)
    {
        var tiers = new List<RetentionTier>();
        foreach (var section in spec.Sections(key))
        {
            var name = section.Require("tier", Scalars.Name, "a name such as sampled or promoted", "");
            if (tiers.Any(t => t.Name == name && name.Length > 0))
            {
                section.Fault("tier", $"'{name}' is there twice", "keep one of them");
            }

            tiers.Add(Tier(section, name));
            section.Done();
        }

        return tiers;
    }

    private static RetentionTier Tier(YamlSection section, string name)
    {
        var keep = section.Require("keep", Scalars.Duration, DurationForm, TimeSpan.FromDays(1));
        var own = Rule(section, keepIsRead: true);
        var tier = new RetentionTier(name, keep) { WarmAfter = own.WarmAfter, MaxBytes = own.MaxBytes };
        var signals = Signals(section);
        var tenants = TenantSections.Read(section, tenant => new TenantRetention(Rule(tenant), Signals(tenant)));
        tier = tier with
        {
            Signals = signals.Count == 0 ? tier.Signals : signals,
            Tenants = tenants.Count == 0 ? tier.Tenants : tenants,
        };

        // A name that is no tenant's stands for all that say nothing of their own.
        foreach (var tenant in tenants.Keys.Prepend(""))
        {
            foreach (var signal in SignalNames.All)
            {
                if (tier.WarmAfterOf(tenant, signal) is { } warm && warm >= tier.KeepOf(tenant, signal))
                {
                    var whose = tenant.Length == 0 ? signal.ToName() : $"{signal.ToName()} of tenant '{tenant}'";
                    section.Conflict(
                        "warm_after", $"{ProfileWords.Duration(warm)} comes after {whose} are gone, at {ProfileWords.Duration(tier.KeepOf(tenant, signal))}", "shorten it, or raise keep");
                    return tier;
                }
            }
        }

        return tier;
    }

    private static FrozenDictionary<Signal, RetentionRule> Signals(YamlSection parent)
    {
        var section = parent.Section("signals");
        var rules = new Dictionary<Signal, RetentionRule>();
        foreach (var signal in SignalNames.All)
        {
            if (section.Find(signal.ToName()) is null)
            {
                continue;
            }

            var own = section.Section(signal.ToName());
            rules.Add(signal, Rule(own));
            own.Done();
        }

        section.Done();
        return rules.ToFrozenDictionary();
    }

    private static RetentionRule Rule(YamlSection section, bool keepIsRead = false) => new(
        keepIsRead ? null : section.Optional<TimeSpan>("keep", Scalars.Duration, DurationForm),
        section.Optional<TimeSpan>("warm_after", Scalars.Duration, DurationForm),
        section.Optional<long>("max_bytes", Scalars.Size, SizeForm));
}
