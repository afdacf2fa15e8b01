using System.Diagnostics;
using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.Profiles.Tests.Hooks;

public sealed class HookRuleTests
{
    [Theory]
    [InlineData("labels: { a: x }", "a=x", true)]
    [InlineData("labels: { a: x }", "a=xx", false)]
    [InlineData("labels: { a: x, b: y }", "a=x", false)]
    [InlineData("labels: { a: x, b: '' }", "a=x", true)]
    [InlineData("label_patterns: { a: 'x|y.*' }", "a=yes", true)]
    [InlineData("label_patterns: { a: 'x|y.*' }", "a=xy", false)]
    [InlineData("label_patterns: { a: 'x|y.*' }", "a=ayes", false)]
    [InlineData("label_patterns: { a: '.*' }", "", true)]
    [InlineData("label_patterns: { a: 'x' }", "a=x\n", false)]
    [InlineData("tenant_label: t", "a=x", false)]
    [InlineData("tenant_label: t", "t=shop", true)]
    [InlineData("match_labels: { env: e }", "a=x", false)]
    [InlineData("match_labels: { env: e }", "e=prod", true)]
    public void Takes_ByLabels_IsWhole(string when, string labels, bool takes) =>
        Assert.Equal(takes, Rule($"services: [], {when}").Takes(HookSource.Alertmanager, Labels(labels)));

    [Fact]
    public void Takes_ServicesByLabelAlone_NeedsTheLabel()
    {
        Assert.False(Rule("services_label: service").Takes(HookSource.Alertmanager, Labels("a=x")));
        Assert.False(Rule("services_label: service").Takes(HookSource.Alertmanager, Labels("service=")));
        Assert.True(Rule("services_label: service").Takes(HookSource.Alertmanager, Labels("service=shop")));
        Assert.True(Rule("services_label: service, services: [all]").Takes(HookSource.Alertmanager, Labels("a=x")));
    }

    [Fact]
    public void Takes_AnotherSource_IsFalse() => Assert.False(Rule("services: []").Takes(HookSource.Orchestrator, Labels("a=x")));

    [Fact]
    public void Takes_PatternThatWouldBacktrackForever_IsQuick()
    {
        var rule = Rule("services: [], label_patterns: { a: '(x+x+)+y' }");
        var watch = Stopwatch.StartNew();

        Assert.False(rule.Takes(HookSource.Alertmanager, Labels("a=" + new string('x', 50_000))));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"took {watch.Elapsed}");
    }

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("${label.service} of ${rule}: ${annotation.summary}", "shop of r: slow ${label.service}")]
    [InlineData("${reason}, ${label.none}$$5", "why, $5")]
    public void Template_Renders_ValuesAsTheyAre(string template, string text)
    {
        Assert.True(HookTemplate.TryParse(template, out var parsed, out _));
        Assert.Equal(text, parsed.Render("r", "why", Labels("service=shop"), new Dictionary<string, string> { ["summary"] = "slow ${label.service}" }));
    }

    [Theory]
    [InlineData("", "a template has 1 to 500 characters")]
    [InlineData("$5", "a '$' that begins no placeholder; write '${label.NAME}', or '$$' for a dollar sign")]
    [InlineData("${id}", "'${id}' is no placeholder; there are ${label.NAME}, ${annotation.NAME}, ${rule} and ${reason}")]
    [InlineData("${label.}", "'${label.}' is no placeholder; there are ${label.NAME}, ${annotation.NAME}, ${rule} and ${reason}")]
    public void Template_ThatIsNone_SaysWhatThereIs(string template, string expected)
    {
        Assert.False(HookTemplate.TryParse(template, out _, out var problem));
        Assert.Equal(expected, problem);
    }

    private static Dictionary<string, string> Labels(string labels) =>
        labels.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split('=', 2)).ToDictionary(l => l[0], l => l[1]);

    private static HookRule Rule(string rule) => HooksLoader.Load(
        new StringReader($"apiVersion: telemetry.stella-ops.org/v1\nkind: Hooks\nmetadata: {{ name: hooks }}\nspec:\n  rules:\n    - {{ name: r, source: alertmanager, {rule} }}\n"),
        "hooks.yaml").Document!.Rules.Single();
}
