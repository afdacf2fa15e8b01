using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Redaction;

/// <summary>Reads policy documents (docs/redaction.md) and says every fault with its line and column.</summary>
public static class RedactionPolicyLoader
{
    private const string ApiVersion = "telemetry.stella-ops.org/v1";
    private const string Kind = "RedactionPolicy";

    private static readonly string[] s_urls = ["url.full", "url.original", "url.path", "url.query", "http.url", "http.target"];
    private static readonly string[] s_statements = ["db.query.text", "db.query", "db.statement"];

    /// <summary>Reads one policy; throws <see cref="RedactionPolicyException"/> with all faults.</summary>
    public static RedactionPolicy Load(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var faults = new List<PolicyFault>();
        var policy = Read(reader, faults);
        return policy is not null && faults.Count == 0
            ? policy
            : throw new RedactionPolicyException(faults.OrderBy(f => f.Line).ThenBy(f => f.Column).ToList());
    }

    /// <summary>
    /// All that is wrong with a policy, whatever secret it is to be used with: what <see cref="Load"/> and <see cref="CompiledPolicy.Compile"/>
    /// refuse, in one pass. Faults of the latter name the rule instead of a place.
    /// </summary>
    public static IReadOnlyList<PolicyFault> Judge(TextReader reader)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var faults = new List<PolicyFault>();
        try
        {
            if (Read(reader, faults) is { } policy)
            {
                CompiledPolicy.Compile(policy, new RedactionSecrets(new byte[RedactionSecrets.MinimumHmacKeyBytes]));
            }
        }
        catch (RedactionPolicyException e)
        {
            faults.AddRange(e.Faults);
        }

        return [.. faults.OrderBy(f => f.Line).ThenBy(f => f.Column)];
    }

    private static RedactionPolicy? Read(TextReader reader, List<PolicyFault> faults)
    {
        var stream = new YamlStream();
        try
        {
            stream.Load(reader);
        }
        catch (YamlException e)
        {
            faults.Add(new PolicyFault((int)e.Start.Line, (int)e.Start.Column, "not valid YAML: " + e.Message));
            return null;
        }

        if (stream.Documents.Count != 1)
        {
            faults.Add(new PolicyFault(1, 1, $"one document is needed, found {stream.Documents.Count}"));
            return null;
        }

        if (Node.AsMap(stream.Documents[0].RootNode, "the document", faults) is not { } root)
        {
            return null;
        }

        root.Expect("apiVersion", ApiVersion);
        root.Expect("kind", Kind);
        var name = root.Map("metadata")?.Close("name").Text("name");
        var spec = root.Map("spec");
        root.Close("apiVersion", "kind", "metadata", "spec");
        if (spec is null || name is null)
        {
            return null;
        }

        return ReadSpec(name, spec);
    }

    /// <summary>Reads what stands under <c>spec</c>, for documents that hold a policy among other things; null where it is no mapping.</summary>
    internal static RedactionPolicy? LoadSpec(YamlNode spec, string name, List<PolicyFault> faults) =>
        Node.AsMap(spec, "the policy", faults) is { } map ? ReadSpec(name, map) : null;

    private static RedactionPolicy ReadSpec(string name, Node spec)
    {
        spec.Close(
            "allow_all_keys", "allowed_keys", "ignored_keys", "ignored_key_patterns", "blocked_key_patterns", "blocked_values", "allowed_values", "summary", "hash_function",
            "url_sanitizer", "db_sanitizer");
        var action = spec.HashFunction();
        return new RedactionPolicy
        {
            Name = name,
            AllowAllKeys = spec.Flag("allow_all_keys", otherwise: !spec.Has("allowed_keys")),
            AllowedKeys = spec.Texts("allowed_keys"),
            IgnoredKeys = spec.Texts("ignored_keys"),
            IgnoredKeyPatterns = spec.Texts("ignored_key_patterns"),
            BlockedKeyPatterns = spec.Entries(
                "blocked_key_patterns",
                map => ReadKeyRule(map, action),
                (pattern, n) => new KeyRule($"blocked_key_{n}", action ?? RedactionAction.Mask, [], false, [pattern])),
            BlockedValues = spec.Entries(
                "blocked_values",
                map => ReadValueRule(map, action),
                (pattern, n) => new ValueRule($"blocked_value_{n}", action ?? RedactionAction.Mask, ValueClass.Pattern, pattern)),
            AllowedValues = spec.Texts("allowed_values"),
            Summary = spec.Summary(),
            UrlSanitizer = spec.Has("url_sanitizer") ? ReadUrlSanitizer(spec.Map("url_sanitizer")) : null,
            DbSanitizer = spec.Has("db_sanitizer") ? ReadDbSanitizer(spec.Map("db_sanitizer")) : null,
        };
    }

    private static KeyRule? ReadKeyRule(Node map, RedactionAction? otherwise)
    {
        map.Close("rule", "action", "keys", "anywhere", "patterns");
        var rule = map.Text("rule");
        var action = map.Action(otherwise);
        var keys = map.Texts("keys");
        var patterns = map.Texts("patterns");
        if (keys.Count + patterns.Count == 0)
        {
            map.Fault("a key rule needs 'keys' or 'patterns'");
        }

        return rule is null || action is null ? null : new KeyRule(rule, action.Value, keys, map.Flag("anywhere"), patterns);
    }

    private static ValueRule? ReadValueRule(Node map, RedactionAction? otherwise)
    {
        map.Close("rule", "action", "class", "pattern", "high_entropy");
        var rule = map.Text("rule");
        var action = map.Action(otherwise);
        var hasClass = map.Has("class");
        if (hasClass == map.Has("pattern"))
        {
            map.Fault("a value rule needs either 'class' or 'pattern'");
            return null;
        }

        ValueClass? valueClass = hasClass ? map.Class() : ValueClass.Pattern;
        var pattern = hasClass ? null : map.Text("pattern");
        return rule is null || action is null || valueClass is null || (pattern is null && !hasClass)
            ? null
            : new ValueRule(rule, action.Value, valueClass.Value, pattern, map.Flag("high_entropy"));
    }

    private static UrlSanitizer? ReadUrlSanitizer(Node? map)
    {
        map?.Close("enabled", "attributes", "sanitize_span_name", "query");
        return map is null || !map.Flag("enabled", otherwise: true)
            ? null
            : new UrlSanitizer(map.Has("attributes") ? map.Texts("attributes") : s_urls, map.Flag("sanitize_span_name", otherwise: true), map.Query());
    }

    private static DbSanitizer? ReadDbSanitizer(Node? map)
    {
        var sql = map?.Close("sql").Map("sql")?.Close("enabled", "attributes");
        return sql is null || !sql.Flag("enabled", otherwise: true) ? null : new DbSanitizer(sql.Has("attributes") ? sql.Texts("attributes") : s_statements);
    }

    /// <summary>A YAML mapping that gathers faults.</summary>
    private sealed class Node(YamlMappingNode map, List<PolicyFault> faults)
    {
        public static Node? AsMap(YamlNode node, string what, List<PolicyFault> faults)
        {
            if (node is YamlMappingNode map)
            {
                return new Node(map, faults);
            }

            faults.Add(At(node, what + " must be a mapping"));
            return null;
        }

        public void Fault(string message) => faults.Add(At(map, message));

        public bool Has(string key) => Find(key) is not null;

        /// <summary>Refuses every key but these: a misspelt rule must not silently protect nothing.</summary>
        public Node Close(params ReadOnlySpan<string> known)
        {
            foreach (var key in map.Children.Keys)
            {
                if (key is not YamlScalarNode { Value: { } name } || !known.Contains(name))
                {
                    faults.Add(At(key, $"'{key}' is not known here; known are: {string.Join(", ", known.ToArray())}"));
                }
            }

            return this;
        }

        public void Expect(string key, string value)
        {
            if (Text(key) is { } found && found != value)
            {
                faults.Add(At(Find(key)!, $"'{key}' must be '{value}', not '{found}'"));
            }
        }

        public string? Text(string key)
        {
            switch (Find(key))
            {
                case YamlScalarNode { Value: { Length: > 0 } value }:
                    return value;
                case { } other:
                    faults.Add(At(other, $"'{key}' must be a text that is not empty"));
                    return null;
                default:
                    Fault($"'{key}' is missing");
                    return null;
            }
        }

        public bool Flag(string key, bool otherwise = false)
        {
            switch (Find(key))
            {
                case null:
                    return otherwise;
                case YamlScalarNode { Value: "false" }:
                    return false;
                case YamlScalarNode { Value: "true" }:
                    return true;
                case { } other:
                    faults.Add(At(other, $"'{key}' must be true or false"));
                    return otherwise;
            }
        }

        public Node? Map(string key)
        {
            if (Find(key) is { } node)
            {
                return AsMap(node, $"'{key}'", faults);
            }

            Fault($"'{key}' is missing");
            return null;
        }

        /// <summary>Entries that are mappings, or texts as the Collector writes them: a regular expression each, numbered from 1.</summary>
        public List<T> Entries<T>(string key, Func<Node, T?> read, Func<string, int, T> pattern)
            where T : class
        {
            var entries = new List<T>();
            var number = 0;
            foreach (var child in Children(key))
            {
                number++;
                if (child is YamlScalarNode { Value: { Length: > 0 } text })
                {
                    entries.Add(pattern(text, number));
                }
                else if (AsMap(child, $"each entry of '{key}'", faults) is { } map && read(map) is { } entry)
                {
                    entries.Add(entry);
                }
            }

            return entries;
        }

        public List<string> Texts(string key)
        {
            var texts = new List<string>();
            foreach (var child in Children(key))
            {
                if (child is YamlScalarNode { Value: { Length: > 0 } value })
                {
                    texts.Add(value);
                }
                else
                {
                    faults.Add(At(child, $"each entry of '{key}' must be a text that is not empty"));
                }
            }

            return texts;
        }

        public RedactionAction? Action(RedactionAction? otherwise) => otherwise is not null && !Has("action")
            ? otherwise
            : Word<RedactionAction>("action", ("mask", RedactionAction.Mask), ("drop", RedactionAction.Drop), ("hash", RedactionAction.Hash), ("hmac", RedactionAction.Hmac));

        /// <summary>The action of rules that state none, in the Collector's words. Its MD5 and SHA-1 are no protection, and refused.</summary>
        public RedactionAction? HashFunction() =>
            Has("hash_function") ? Word<RedactionAction>("hash_function", ("hmac-sha256", RedactionAction.Hmac), ("sha256", RedactionAction.Hash)) : null;

        public RedactionSummary Summary() => !Has("summary")
            ? RedactionSummary.Silent
            : Word<RedactionSummary>("summary", ("silent", RedactionSummary.Silent), ("info", RedactionSummary.Info), ("debug", RedactionSummary.Debug)) ?? RedactionSummary.Silent;

        public UrlQuery Query() => !Has("query")
            ? UrlQuery.Strip
            : Word<UrlQuery>("query", ("strip", UrlQuery.Strip), ("mask", UrlQuery.Mask), ("keep", UrlQuery.Keep)) ?? UrlQuery.Strip;

        private T? Word<T>(string key, params ReadOnlySpan<(string Name, T Value)> known)
            where T : struct
        {
            var text = Text(key);
            var names = new List<string>();
            foreach (var (name, value) in known)
            {
                if (name == text)
                {
                    return value;
                }

                names.Add(name);
            }

            if (text is not null)
            {
                faults.Add(At(Find(key)!, $"'{key}' must be one of {string.Join(", ", names)}, not '{text}'"));
            }

            return null;
        }

        public ValueClass? Class()
        {
            var name = Text("class");
            foreach (var (known, valueClass) in ValueClassNames.All)
            {
                if (known == name)
                {
                    return valueClass;
                }
            }

            if (name is not null)
            {
                faults.Add(At(Find("class")!, $"'class' must be one of {string.Join(", ", ValueClassNames.All.Select(c => c.Name))}, not '{name}'"));
            }

            return null;
        }

        private IEnumerable<YamlNode> Children(string key)
        {
            switch (Find(key))
            {
                case null:
                    return [];
                case YamlSequenceNode sequence:
                    return sequence.Children;
                case { } other:
                    faults.Add(At(other, $"'{key}' must be a list"));
                    return [];
            }
        }

        private YamlNode? Find(string key) => map.Children.TryGetValue(new YamlScalarNode(key), out var node) ? node : null;

        private static PolicyFault At(YamlNode node, string message) => new((int)node.Start.Line, (int)node.Start.Column, message);
    }
}
