using System.Globalization;
using StellaOps.Telemetry.Profiles.Loading;
using StellaOps.Telemetry.Redaction;

namespace StellaOps.Telemetry.Profiles.Resolving;

/// <summary>Judges the redaction policy that a profile names, by the rules of libs/Redaction.</summary>
internal static class PolicyJudge
{
    public static void Judge(ProfileDocument document, string expectedName, FaultList faults)
    {
        // Within bounds first: what reads policies trusts their size and depth.
        if (DocumentParser.Parse(document.Text, document.Path, faults) is not { } root)
        {
            return;
        }

        foreach (var fault in RedactionPolicyLoader.Judge(new StringReader(document.Text)))
        {
            var (problem, fix) = fault.Message.Split("; ", 2) is [var before, var after] ? (before, after) : (fault.Message, "docs/redaction.md says what a policy may hold");
            faults.Add(fault.Line > 0 ? new DocumentPlace(document.Path, fault.Line, fault.Column) : PlaceOf(root, fault.Rule), "", problem, fix);
        }

        if (root is MappingNode map && (map.Find("metadata") as MappingNode)?.Find("name") is ScalarNode name && name.Text != expectedName)
        {
            faults.Add(name.Place, "metadata.name", $"'{name.Text}' stands in {document.Path}", $"write 'name: {expectedName}', or rename the file");
        }
    }

    /// <summary>Where a rule stands, by its name or, as <c>blocked_value_2</c>, by its number.</summary>
    private static DocumentPlace PlaceOf(DocumentNode root, string? rule)
    {
        if (rule is null || (root as MappingNode)?.Find("spec") is not MappingNode spec)
        {
            return DocumentPath.PlaceOf(root, "spec");
        }

        foreach (var (list, prefix) in new[] { ("blocked_key_patterns", "blocked_key_"), ("blocked_values", "blocked_value_") })
        {
            var named = DocumentPath.IndexOf(spec, list, "rule", rule);
            if (named >= 0)
            {
                return DocumentPath.PlaceOf(spec, $"{list}[{named}]");
            }

            if (rule.StartsWith(prefix, StringComparison.Ordinal) && int.TryParse(rule.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
            {
                return DocumentPath.PlaceOf(spec, $"{list}[{number - 1}]");
            }
        }

        return DocumentPath.PlaceOf(spec, rule);
    }
}
