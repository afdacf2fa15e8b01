using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Hooks;

/// <summary><c>spec.rules</c>.</summary>
internal static class HookRuleReader
{
    private const int MaxRules = 256;
    private const int MaxConditions = 16;
    private const int MaxServices = 100;
    private const int MaxMatches = 8;
    private const int MaxCorrelated = 16;
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);
    private static readonly TimeSpan s_tenYears = TimeSpan.FromDays(3650);

    public static IReadOnlyList<HookRule> Read(YamlSection spec)
    {
        var sections = spec.Sections("rules");
        if (sections.Count > MaxRules)
        {
            spec.Fault("rules", $"{sections.Count} rules, and {MaxRules} at most", "let a rule take more by a pattern");
            return [];
        }

        var rules = new List<HookRule>();
        foreach (var section in sections)
        {
            var rule = Rule(section);
            CheckAmongOthers(section, rule, rules);
            section.Done();
            rules.Add(rule);
        }

        return rules;
    }

    private static HookRule Rule(YamlSection section)
    {
        var captures = section.Section("captures");
        var rule = new HookRule
        {
            Name = section.Require("name", Scalars.Name, Scalars.NameForm, ""),
            Source = section.Require("source", Scalars.OneOf(("alertmanager", HookSource.Alertmanager), ("orchestrator", HookSource.Orchestrator)), "alertmanager or orchestrator", HookSource.Alertmanager),
            Conditions = Conditions(section),
            Tenant = section.Optional<TenantId>("tenant", TenantId.TryParse, "a tenant's name"),
            TenantLabel = Label(section, "tenant_label"),
            Severity = section.Optional("severity", IncidentScalars.Severity, IncidentScalars.SeverityForm),
            SeverityLabel = Label(section, "severity_label"),
            SeverityValues = Map(section, "severity_values", MaxConditions, HookScalars.AnyText, IncidentScalars.Severity, IncidentScalars.SeverityForm),
            Services = section.Find("services") is null ? null : section.List<string>("services", HookScalars.Service, HookScalars.ServiceForm),
            ServicesLabel = Label(section, "services_label"),
            MatchLabels = Map<string>(section, "match_labels", MaxMatches, HookScalars.Service, HookScalars.Label, HookScalars.LabelForm),
            SamplingRate = section.Optional<double>("sampling_rate", Scalars.Share, "a number above 0 and at most 1"),
            Ttl = Duration(section, "ttl", s_second, s_week, TimeSpan.FromHours(1)),
            Cooldown = OptionalDuration(section, "cooldown", TimeSpan.Zero, s_day),
            Lookback = OptionalDuration(section, "lookback", TimeSpan.Zero, s_week),
            Captures = Captures(captures),
            Retain = OptionalDuration(section, "retain", s_second, s_tenYears),
            LegalHold = section.Read("legal_hold", Scalars.Flag, "true or false", false),
            CorrelateBy = section.List<string>("correlate_by", HookScalars.Label, HookScalars.LabelForm),
            Reason = Template(section, "reason"),
        };
        captures.Done();
        Check(section, rule);
        return rule;
    }

    private static void Check(YamlSection section, HookRule rule)
    {
        if (rule.Services?.Count > MaxServices)
        {
            section.Fault("services", $"{rule.Services.Count} services, and {MaxServices} at most", "name fewer, or write [] for every service of the tenant");
        }

        if (rule.CorrelateBy.Count > MaxCorrelated)
        {
            section.Fault("correlate_by", $"{rule.CorrelateBy.Count} labels, and {MaxCorrelated} at most", "name fewer");
        }

        if (rule.SeverityLabel is null && rule.SeverityValues.Count > 0)
        {
            section.Fault("severity_values", "there is no severity_label to have these values", "write severity_label as well");
        }

        if (rule.Retain is not null && rule.LegalHold)
        {
            section.Fault("retain", "has no meaning beside legal_hold, which has no end", "leave one of them out");
        }

        if (rule.Source == HookSource.Orchestrator)
        {
            foreach (var key in new[] { "tenant", "tenant_label", "correlate_by" }.Where(k => section.Find(k) is not null))
            {
                section.Fault(key, "an orchestrator's event says this itself, within what 'orchestrators' lets it", "remove it");
            }
        }
        else
        {
            if (rule.Tenant is not null && rule.TenantLabel is not null)
            {
                section.Fault("tenant_label", "there is tenant as well", "keep one of them");
            }

            if (rule.Services is null && rule.ServicesLabel is null)
            {
                section.Fault("services", "missing", "write services_label: service, or the names of services, or [] for every service of the tenant");
            }
        }
    }

    private static void CheckAmongOthers(YamlSection section, HookRule rule, List<HookRule> before)
    {
        if (rule.Name.Length > 0 && before.Any(b => b.Name == rule.Name))
        {
            section.Fault("name", $"'{rule.Name}' is there twice", "give each rule a name of its own");
        }

        if (before.FirstOrDefault(b => b.Source == rule.Source && b.Conditions.Count == 0 && !b.NeededLabels().Any()) is { } all)
        {
            section.Fault("name", $"'{rule.Name}' is never asked: rule '{all.Name}' before it takes everything", "move it up");
        }
    }

    private static List<LabelCondition> Conditions(YamlSection section)
    {
        var conditions = Map<string>(section, "labels", MaxConditions, HookScalars.Label, HookScalars.AnyText, "a text of at most 1024 characters")
            .Select(l => LabelCondition.Equal(l.Key, l.Value)).ToList();
        var patterns = section.Section("label_patterns");
        foreach (var (label, pattern) in Map<string>(section, "label_patterns", MaxConditions, HookScalars.Label, HookScalars.AnyText, "a pattern"))
        {
            if (LabelCondition.TryPattern(label, pattern, out var condition))
            {
                conditions.Add(condition);
            }
            else
            {
                patterns.Fault(label, $"'{pattern}' is no pattern that can be matched in time linear in its input", $"write a regular expression of at most {LabelCondition.MaxPattern} characters, without look-around and back references");
            }
        }

        return conditions;
    }

    private static IncidentCaptures Captures(YamlSection section)
    {
        var standard = new IncidentCaptures();
        return new IncidentCaptures(
            section.Read("on_open", Scalars.Flag, "true or false", standard.OnOpen),
            section.Read("on_close", Scalars.Flag, "true or false", standard.OnClose),
            section.Find("every") is null ? null : (int)Duration(section, "every", TimeSpan.FromSeconds(10), s_week, s_day).TotalSeconds);
    }

    private static string? Label(YamlSection section, string key) =>
        section.Find(key) is null ? null : section.Read<string>(key, HookScalars.Label, HookScalars.LabelForm, "label");

    private static TimeSpan Duration(YamlSection section, string key, TimeSpan min, TimeSpan max, TimeSpan fallback) =>
        section.Read(key, HookScalars.Seconds(min, max), $"a duration such as 30m, of whole seconds, {Words(min)} to {Words(max)}", fallback);

    private static TimeSpan? OptionalDuration(YamlSection section, string key, TimeSpan min, TimeSpan max) =>
        section.Find(key) is null ? null : Duration(section, key, min, max, min);

    private static string Words(TimeSpan time) => time >= TimeSpan.FromDays(1) ? $"{time.TotalDays:0}d" : $"{time.TotalSeconds:0}s";

    private static HookTemplate? Template(YamlSection section, string key)
    {
        if (section.Find(key) is null)
        {
            return null;
        }

        var text = section.Read<string>(key, Scalars.Text, "a text", "-");
        if (!HookTemplate.TryParse(text, out var template, out var problem))
        {
            section.Fault(key, problem, "mend the template (docs/hooks.md: Reasons)");
        }

        return template;
    }

    private static Dictionary<string, T> Map<T>(YamlSection parent, string key, int max, ScalarParser<string> name, ScalarParser<T> parser, string expected)
    {
        var (section, map) = (parent.Section(key), new Dictionary<string, T>(StringComparer.Ordinal));
        foreach (var entry in section.Keys.ToList())
        {
            if (!name(entry, out _))
            {
                section.Fault(entry, $"'{entry}' may not stand here", "write a name of 1 to 255 characters; a label's has letters, digits and '_'");
            }

            if (section.Read(entry, parser, expected, default!) is { } value)
            {
                map[entry] = value;
            }
        }

        section.Done();
        if (map.Count > max)
        {
            parent.Fault(key, $"{map.Count} entries, and {max} at most", "keep fewer");
        }

        return map;
    }
}
