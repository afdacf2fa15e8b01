using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Profiles.Hooks;
using StellaOps.Telemetry.Profiles.Tests.Schema;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Hooks;

public sealed class HooksLoaderTests
{
    private const string Alert = "source: alertmanager, services: [shop]";

    [Fact]
    public void ShippedExample_ReaderAndSchema_TakeIt()
    {
        var text = File.ReadAllText(Path.Combine(Documents.Folder, "incident", "hooks.yaml"));

        var loaded = HooksLoader.Load(new StringReader(text), "/profiles/incident/hooks.yaml");

        Assert.Empty(loaded.Faults);
        Assert.Equal(["budget-burns", "other-critical", "rollout"], loaded.Document!.Rules.Select(r => r.Name));
        Assert.Equal(["shop", "payment"], loaded.Document.Orchestrators.Single().Tenants.Select(t => t.Value));
        Assert.Equal("", SchemaDocument.Of("hooks").Errors(YamlJson.Parse(text)));
    }

    [Fact]
    public void Rule_Defaults_AreThoseOfAPersonsIncident()
    {
        var rule = Assert.Single(Load($"- {{ name: a, {Alert} }}").Document!.Rules);
        var request = new StartIncidentRequest(default, null, "");

        Assert.Equal(
            (request.SamplingRate, request.TtlSeconds, request.CooldownSeconds, request.LookbackSeconds),
            (rule.SamplingRate, (int)rule.Ttl.TotalSeconds, (int?)rule.Cooldown?.TotalSeconds, (int?)rule.Lookback?.TotalSeconds));
        Assert.Equal((new IncidentCaptures(), null, false, null), (rule.Captures, rule.Retain, rule.LegalHold, rule.Severity));
        Assert.Equal([], rule.CorrelateBy);
    }

    [Fact]
    public void Orchestrator_RelativeSecret_StandsBesideTheDocument()
    {
        var orchestrator = Assert.Single(Load("[]", "[{ name: o, tenants: [shop], secret_files: [s, /abs/t] }]").Document!.Orchestrators);

        Assert.Equal(["/etc/x/s", "/abs/t"], orchestrator.SecretFiles);
    }

    [Theory]
    [InlineData("{ name: a, source: pager, services: [] }", "spec.rules[0].source", "'pager' is not allowed")]
    [InlineData("{ source: alertmanager, services: [] }", "spec.rules[0].name", "missing")]
    [InlineData("{ name: a, source: alertmanager }", "spec.rules[0].services", "missing")]
    [InlineData($"{{ name: a, {Alert}, tenant: UP }}", "spec.rules[0].tenant", "'UP' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, tenant: shop, tenant_label: t }}", "spec.rules[0].tenant_label", "there is tenant as well")]
    [InlineData($"{{ name: a, {Alert}, severity: bad }}", "spec.rules[0].severity", "'bad' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, severity_values: {{ page: critical }} }}", "spec.rules[0].severity_values", "no severity_label")]
    [InlineData($"{{ name: a, {Alert}, severity_label: s, severity_values: {{ page: worst }} }}", "spec.rules[0].severity_values.page", "'worst' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, labels: {{ 'a b': c }} }}", "spec.rules[0].labels.a b", "may not stand here")]
    [InlineData($"{{ name: a, {Alert}, label_patterns: {{ a: '(' }} }}", "spec.rules[0].label_patterns.a", "no pattern")]
    [InlineData($"{{ name: a, {Alert}, label_patterns: {{ a: 'b)(c' }} }}", "spec.rules[0].label_patterns.a", "no pattern")]
    [InlineData($"{{ name: a, {Alert}, label_patterns: {{ a: '(?=b)' }} }}", "spec.rules[0].label_patterns.a", "linear")]
    [InlineData($"{{ name: a, {Alert}, label_patterns: {{ a: '(b)\\1' }} }}", "spec.rules[0].label_patterns.a", "linear")]
    [InlineData($"{{ name: a, {Alert}, sampling_rate: 2 }}", "spec.rules[0].sampling_rate", "'2' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, ttl: 8d }}", "spec.rules[0].ttl", "'8d' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, ttl: 0s }}", "spec.rules[0].ttl", "'0s' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, ttl: 1500ms }}", "spec.rules[0].ttl", "'1500ms' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, cooldown: 2d }}", "spec.rules[0].cooldown", "'2d' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, lookback: -1s }}", "spec.rules[0].lookback", "'-1s' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, captures: {{ every: 5s }} }}", "spec.rules[0].captures.every", "'5s' is not allowed")]
    [InlineData($"{{ name: a, {Alert}, captures: {{ onopen: true }} }}", "spec.rules[0].captures.onopen", "unknown key")]
    [InlineData($"{{ name: a, {Alert}, retain: 1d, legal_hold: true }}", "spec.rules[0].retain", "no meaning")]
    [InlineData($"{{ name: a, {Alert}, reason: 'costs $5' }}", "spec.rules[0].reason", "begins no placeholder")]
    [InlineData($"{{ name: a, {Alert}, reason: '${{labels.x}}' }}", "spec.rules[0].reason", "is no placeholder")]
    [InlineData($"{{ name: a, {Alert}, correlated_by: [x] }}", "spec.rules[0].correlated_by", "unknown key")]
    [InlineData("{ name: a, source: orchestrator, tenant: shop }", "spec.rules[0].tenant", "says this itself")]
    [InlineData("{ name: a, source: orchestrator, correlate_by: [x] }", "spec.rules[0].correlate_by", "says this itself")]
    public void Fault_NamesFileKeyValueAndFix(string rule, string path, string problem)
    {
        var fault = Assert.Single(Load($"- {rule}").Faults);

        Assert.Equal(("/etc/x/hooks.yaml", path), (fault.File, fault.Path));
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Fix);
    }

    [Theory]
    [InlineData("[{ tenants: [a], secret_files: [s] }]", "spec.orchestrators[0].name")]
    [InlineData("[{ name: o, secret_files: [s] }]", "spec.orchestrators[0].tenants")]
    [InlineData("[{ name: o, tenants: [], secret_files: [s] }]", "spec.orchestrators[0].tenants")]
    [InlineData("[{ name: o, tenants: ['*'], secret_files: [s] }]", "spec.orchestrators[0].tenants[0]")]
    [InlineData("[{ name: o, tenants: [a] }]", "spec.orchestrators[0].secret_files")]
    [InlineData("[{ name: o, tenants: [a], secret_files: [a, b, c, d, e] }]", "spec.orchestrators[0].secret_files")]
    [InlineData("[{ name: o, tenants: [a], secret_files: [s] }, { name: o, tenants: [a], secret_files: [t] }]", "spec.orchestrators[1].name")]
    public void Orchestrator_Fault_IsNamed(string orchestrators, string path) => Assert.Equal(path, Assert.Single(Load("[]", orchestrators).Faults).Path);

    [Fact]
    public void Rules_TwiceTheNameOrNeverAsked_AreFaults()
    {
        Assert.Equal(["spec.rules[1].name"], Load($"- {{ name: a, {Alert}, labels: {{ x: y }} }}\n    - {{ name: a, {Alert} }}").Faults.Select(f => f.Path));
        Assert.Contains("never asked", Assert.Single(Load($"- {{ name: all, {Alert} }}\n    - {{ name: b, {Alert}, labels: {{ x: y }} }}").Faults).Problem, StringComparison.Ordinal);

        // One that needs a label leaves the others something.
        Assert.Empty(Load($"- {{ name: some, {Alert}, tenant_label: t }}\n    - {{ name: b, {Alert} }}").Faults);
        Assert.Empty(Load($"- {{ name: all, {Alert} }}\n    - {{ name: b, source: orchestrator }}").Faults);
    }

    private static HooksLoadResult Load(string rules, string orchestrators = "[]") => HooksLoader.Load(
        new StringReader($"apiVersion: telemetry.stella-ops.org/v1\nkind: Hooks\nmetadata: {{ name: hooks }}\nspec:\n  orchestrators: {orchestrators}\n  rules:\n    {rules}\n"), "/etc/x/hooks.yaml");
}
