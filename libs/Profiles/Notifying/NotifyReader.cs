using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Notifications;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Loading;

namespace StellaOps.Telemetry.Profiles.Notifying;

/// <summary>What all targets have, and what goes from one to another.</summary>
internal static class NotifyReader
{
    /// <summary>Targets of one document.</summary>
    public const int MaxTargets = 64;

    private const string DurationForm = "a duration such as 10s or 5m";
    private static readonly TimeSpan s_maxTimeout = TimeSpan.FromMinutes(1);

    private static readonly NotifyTemplate s_title = Default("[${severity}] ${tenant}: ${reason} (${event})");

    private static readonly NotifyTemplate s_text = Default(
        """
        Incident ${id} of tenant ${tenant} is ${state}.
        Services: ${services}
        Reason: ${reason}
        Opened by ${opened_by} at ${started_at}; ends by itself at ${expires_at}.
        ${action} by ${actor}
        """);

    public static IReadOnlyList<NotifyTarget> Read(YamlSection spec, string folder)
    {
        var sections = spec.Sections("targets");
        if (sections.Count > MaxTargets)
        {
            spec.Fault("targets", $"{sections.Count} targets, and {MaxTargets} at most", "tell a chat room or a paging service, and let it tell people");
            return [];
        }

        var targets = new List<(YamlSection Section, NotifyTarget Target)>();
        foreach (var section in sections)
        {
            var channel = NotifyChannelReader.Read(section, folder);
            if (Target(section, channel) is { } target)
            {
                targets.Add((section, target));
            }

            section.Done();
        }

        CheckNames(targets);
        spec.Done();
        return [.. targets.Select(t => t.Target)];
    }

    /// <summary>Everything is read, whatever of it is wrong, so that nothing of it is an unknown key.</summary>
    private static NotifyTarget? Target(YamlSection section, NotifyChannel? channel)
    {
        var severity = section.Read("minimum_severity", IncidentScalars.Severity, IncidentScalars.SeverityForm, IncidentSeverity.Info);
        var timeout = section.Read("timeout", Scalars.Duration, DurationForm, TimeSpan.FromSeconds(10));
        if (timeout > s_maxTimeout)
        {
            section.Fault("timeout", $"longer than {s_maxTimeout.TotalSeconds:0}s", "shorten it: an attempt that takes longer is not going to end well");
        }

        // A webhook gets data; a template that nobody sees is an unknown key.
        var hasTexts = channel is not WebhookChannel;
        var name = section.Require("name", Scalars.Name, Scalars.NameForm, "");
        var filter = new NotifyFilter(
            section.List<TenantId>("tenants", TenantId.TryParse, "a tenant's name"),
            severity,
            section.Find("events") is null ? DefaultEvents(channel) : section.List<string>("events", EventName, $"one of {string.Join(", ", KnownNotifications.Names)}"));
        var title = hasTexts ? Template(section, "title", s_title) : s_title;
        var text = hasTexts ? Template(section, "text", s_text) : s_text;
        var retry = Retry(section.Section("retry"));
        var escalation = section.Find("escalate") is null ? null : Escalation(section.Section("escalate"), severity);
        return channel is null ? null : new NotifyTarget(name, channel, filter, title, text, timeout, retry, escalation);
    }

    /// <summary>Whoever is paged is not told that nothing has changed for them.</summary>
    private static IReadOnlyList<string> DefaultEvents(NotifyChannel? channel) => channel is PagerDutyChannel
        ? [KnownNotifications.Started, KnownNotifications.Acknowledged, KnownNotifications.Closed, KnownNotifications.Expired, KnownNotifications.Superseded]
        : KnownNotifications.Names;

    private static NotifyRetry Retry(YamlSection section)
    {
        var retry = new NotifyRetry(
            section.Read("first", Scalars.Duration, DurationForm, TimeSpan.FromSeconds(1)),
            section.Read("max", Scalars.Duration, DurationForm, TimeSpan.FromMinutes(5)),
            section.Read("within", Scalars.Duration, DurationForm, TimeSpan.FromHours(24)));
        if (retry.First > retry.Max)
        {
            section.Fault("max", $"{retry.Max} is shorter than first ({retry.First})", "raise max, or shorten first");
        }

        section.Done();
        return retry;
    }

    private static NotifyEscalation Escalation(YamlSection section, IncidentSeverity severity)
    {
        var escalation = new NotifyEscalation(
            section.Require("after", Scalars.Duration, DurationForm, TimeSpan.FromMinutes(5)),
            section.Read("minimum_severity", IncidentScalars.Severity, IncidentScalars.SeverityForm, severity),
            [.. section.List<string>("to", Scalars.Name, "the name of a target").Distinct(StringComparer.Ordinal)]);
        if (escalation.To.Count == 0)
        {
            section.Fault("to", "names nobody", "write the names of the targets that are told");
        }

        section.Done();
        return escalation;
    }

    private static void CheckNames(List<(YamlSection Section, NotifyTarget Target)> targets)
    {
        var names = targets.Select(t => t.Target.Name).ToList();
        var escalatedTo = targets.SelectMany(t => t.Target.Escalation?.To ?? []).ToHashSet(StringComparer.Ordinal);
        foreach (var (section, target) in targets)
        {
            if (target.Name.Length > 0 && names.Count(n => n == target.Name) > 1)
            {
                section.Fault("name", $"'{target.Name}' is there twice", "give each target a name of its own");
            }

            foreach (var to in target.Escalation?.To ?? [])
            {
                if (to == target.Name || !names.Contains(to))
                {
                    section.Fault("escalate", to == target.Name ? $"'{to}' escalates to itself" : $"there is no target '{to}'", "name another target of this file");
                }
            }

            if (target.Filter.Events.Count == 0 && section.Find("events") is SequenceNode { Items.Count: 0 } && !escalatedTo.Contains(target.Name))
            {
                section.Fault("events", "it is told of nothing, and nobody escalates to it", "name events, or remove the target");
            }
        }
    }

    private static NotifyTemplate Template(YamlSection section, string key, NotifyTemplate fallback)
    {
        var text = section.Read(key, Scalars.Text, "a text", fallback.Source);
        if (NotifyTemplate.TryParse(text, out var template, out var problem))
        {
            return template;
        }

        section.Fault(key, problem, "mend the template (docs/notifications.md: Templates)");
        return fallback;
    }

    private static bool EventName(string text, out string value)
    {
        value = text;
        return KnownNotifications.Names.Contains(text);
    }

    private static NotifyTemplate Default(string source) =>
        NotifyTemplate.TryParse(source, out var template, out var problem) ? template : throw new InvalidOperationException(problem);
}
