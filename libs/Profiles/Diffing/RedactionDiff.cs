using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary><c>spec.redaction</c>: policies are compared rule by rule, whatever they are called.</summary>
internal static class RedactionDiff
{
    public static void Add(ChangeList changes, string was, string wasText, string now, string nowText)
    {
        // Another name for the same rules is no risk, and none is one whatever the rules were.
        changes.Value("spec.redaction", "redaction policy", was, now, now == Profile.NoRedaction ? ChangeRisk.DropsRedactionRule : ChangeRisk.Harmless);
        if (now == Profile.NoRedaction || was == Profile.NoRedaction || wasText == nowText)
        {
            return;
        }

        var (before, after) = (Load(wasText), Load(nowText));
        var path = $"redaction.{after.Name}";
        KeyRules(changes, path + ".blocked_key_patterns", before.BlockedKeyPatterns, after.BlockedKeyPatterns);
        ValueRules(changes, path + ".blocked_values", before.BlockedValues, after.BlockedValues);
        Keys(changes, path, before, after);
        UrlSanitizer(changes, path + ".url_sanitizer", before.UrlSanitizer, after.UrlSanitizer);
        Attributes(changes, path + ".db_sanitizer", "db_sanitizer", before.DbSanitizer?.Attributes, after.DbSanitizer?.Attributes);
        changes.Value(path + ".summary", "redaction says of itself", Words.Name(before.Summary), Words.Name(after.Summary), ChangeRisk.Harmless);
    }

    private static RedactionPolicy Load(string text) => RedactionPolicyLoader.Load(new StringReader(text));

    private static void KeyRules(ChangeList changes, string path, IReadOnlyList<KeyRule> was, IReadOnlyList<KeyRule> now)
    {
        foreach (var (before, after) in NamedPairs.Of(was, now, r => r.Rule, (a, b) => RedactionWords.Of(a) == RedactionWords.Of(b)))
        {
            var risk = after is not null && Overtakes(after, before?.Rule ?? after.Rule, was, now) ? ChangeRisk.WeakensRedaction : ChangeRisk.Harmless;
            if (AddWhole(changes, path, before?.Rule, after?.Rule, before is null ? null : RedactionWords.Of(before), after is null ? null : RedactionWords.Of(after), risk))
            {
                continue;
            }

            var place = $"{path}.{after!.Rule}";
            var what = $"redaction rule '{after.Rule}'";
            if (risk != ChangeRisk.Harmless)
            {
                changes.Add(place, null, null, risk, $"{what} comes before stricter ones, and takes keys from them");
            }

            Action(changes, place, what, before!.Action, after.Action);
            changes.Set(place + ".keys", what, before.Keys, after.Keys, ChangeRisk.Harmless, ChangeRisk.WeakensRedaction);
            changes.Set(place + ".patterns", what, before.Patterns, after.Patterns, ChangeRisk.Harmless, ChangeRisk.WeakensRedaction);
            changes.Value(place + ".anywhere", what + " matches anywhere in a key", Words.Of(before.Anywhere), Words.Of(after.Anywhere), before.Anywhere ? ChangeRisk.WeakensRedaction : ChangeRisk.Harmless);
        }
    }

    /// <summary>The first rule that matches a key acts: one that leaves more takes keys from a stricter one that it did not stand before.</summary>
    private static bool Overtakes(KeyRule rule, string oldName, IReadOnlyList<KeyRule> was, IReadOnlyList<KeyRule> now)
    {
        IEnumerable<string> Behind(IReadOnlyList<KeyRule> rules, string name) =>
            rules.SkipWhile(r => r.Rule != name).Skip(1).Where(r => Leaves(r.Action) < Leaves(rule.Action)).Select(r => r.Rule);

        return Behind(now, rule.Rule).Except(Behind(was, oldName)).Any(r => was.Any(w => w.Rule == r));
    }

    private static void ValueRules(ChangeList changes, string path, IReadOnlyList<ValueRule> was, IReadOnlyList<ValueRule> now)
    {
        foreach (var (before, after) in NamedPairs.Of(was, now, r => r.Rule, (a, b) => RedactionWords.Of(a) == RedactionWords.Of(b)))
        {
            if (AddWhole(changes, path, before?.Rule, after?.Rule, before is null ? null : RedactionWords.Of(before), after is null ? null : RedactionWords.Of(after), ChangeRisk.Harmless))
            {
                continue;
            }

            var place = $"{path}.{after!.Rule}";
            var what = $"redaction rule '{after.Rule}'";
            Action(changes, place, what, before!.Action, after.Action);
            changes.Value(place, what + " looks for", RedactionWords.Find(before), RedactionWords.Find(after), ChangeRisk.WeakensRedaction);
        }
    }

    /// <summary>A rule that came, went or has another name; false where there is more to compare.</summary>
    private static bool AddWhole(ChangeList changes, string path, string? was, string? now, string? before, string? after, ChangeRisk newRisk)
    {
        if (was is null)
        {
            changes.Add($"{path}.{now}", null, after, newRisk, $"redaction rule '{now}' is new: {after}");
        }
        else if (now is null)
        {
            changes.Add($"{path}.{was}", before, null, ChangeRisk.DropsRedactionRule, $"redaction rule '{was}' is gone: {before}");
        }
        else if (was != now)
        {
            changes.Add($"{path}.{now}.rule", was, now, ChangeRisk.Harmless, $"redaction rule '{was}' is called '{now}'");
        }

        return was is null || now is null;
    }

    private static void Action(ChangeList changes, string path, string what, RedactionAction was, RedactionAction now) =>
        changes.Value(path + ".action", what + " leaves by", Words.Name(was), Words.Name(now), Leaves(now) > Leaves(was) ? ChangeRisk.WeakensRedaction : ChangeRisk.Harmless);

    /// <summary>How much of a value an action leaves: nothing, what joins within a tenant, what anybody can compare.</summary>
    private static int Leaves(RedactionAction action) => action switch { RedactionAction.Hmac => 1, RedactionAction.Hash => 2, _ => 0 };

    private static void Keys(ChangeList changes, string path, RedactionPolicy was, RedactionPolicy now)
    {
        changes.Value(
            path + ".allow_all_keys", "all keys may stay", Words.Of(was.AllowAllKeys), Words.Of(now.AllowAllKeys),
            now.AllowAllKeys ? ChangeRisk.WeakensRedaction : ChangeRisk.Harmless);
        if (!was.AllowAllKeys && !now.AllowAllKeys)
        {
            changes.Set(path + ".allowed_keys", "the list of keys that may stay", was.AllowedKeys, now.AllowedKeys, ChangeRisk.WeakensRedaction, ChangeRisk.Harmless);
        }

        changes.Set(path + ".ignored_keys", "the list of keys that no rule looks at", was.IgnoredKeys, now.IgnoredKeys, ChangeRisk.WeakensRedaction, ChangeRisk.Harmless);
        changes.Set(path + ".ignored_key_patterns", "the list of keys that no rule looks at", was.IgnoredKeyPatterns, now.IgnoredKeyPatterns, ChangeRisk.WeakensRedaction, ChangeRisk.Harmless);
        changes.Set(path + ".allowed_values", "the list of values that stay", was.AllowedValues, now.AllowedValues, ChangeRisk.WeakensRedaction, ChangeRisk.Harmless);
    }

    private static void UrlSanitizer(ChangeList changes, string path, UrlSanitizer? was, UrlSanitizer? now)
    {
        Attributes(changes, path, "url_sanitizer", was?.Attributes, now?.Attributes);
        if (was is not null && now is not null)
        {
            changes.Value(
                path + ".sanitize_span_name", "url_sanitizer changes span names", Words.Of(was.SpanName), Words.Of(now.SpanName),
                was.SpanName ? ChangeRisk.WeakensRedaction : ChangeRisk.Harmless);
            changes.Value(
                path + ".query", "url_sanitizer: the query", Words.Name(was.Query), Words.Name(now.Query),
                now.Query > was.Query ? ChangeRisk.WeakensRedaction : ChangeRisk.Harmless);
        }
    }

    private static void Attributes(ChangeList changes, string path, string sanitizer, IReadOnlyList<string>? was, IReadOnlyList<string>? now)
    {
        if (was is null || now is null)
        {
            changes.Value(path, sanitizer, was is null ? "off" : "on", now is null ? "off" : "on", now is null ? ChangeRisk.DropsRedactionRule : ChangeRisk.Harmless);
            return;
        }

        changes.Set(path + ".attributes", sanitizer, was, now, ChangeRisk.Harmless, ChangeRisk.WeakensRedaction);
    }
}
