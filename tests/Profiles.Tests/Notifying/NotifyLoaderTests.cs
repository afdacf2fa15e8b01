using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Profiles.Notifying;
using StellaOps.Telemetry.Profiles.Tests.Schema;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Notifying;

public sealed class NotifyLoaderTests
{
    private const string Hook = "webhook: { url: 'https://h.example', secret_files: [s] }";

    private readonly SchemaDocument _schema = SchemaDocument.Of("notifications");

    [Fact]
    public void ShippedExample_ReaderAndSchema_TakeIt()
    {
        var text = File.ReadAllText(Path.Combine(Documents.Folder, "incident", "notify.yaml"));

        var loaded = NotifyLoader.Load(new StringReader(text), "/profiles/incident/notify.yaml");

        Assert.Empty(loaded.Faults);
        Assert.Equal(["webhook", "slack", "smtp", "pagerduty", "alertmanager"], loaded.Targets!.Select(t => t.Channel.Kind));
        Assert.Equal("", _schema.Errors(YamlJson.Parse(text)));
    }

    [Fact]
    public void Target_Defaults_AreThoseOfTheDocumentation()
    {
        var target = Assert.Single(Load($"- {{ name: a, {Hook} }}").Targets!);

        Assert.Equal((TimeSpan.FromSeconds(10), new NotifyRetry(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), TimeSpan.FromHours(24)), null), (target.Timeout, target.Retry, target.Escalation));
        Assert.True(target.Filter.Takes(TenantId.Parse("any"), IncidentSeverity.Info, "extended"));
        Assert.False(target.Filter.Takes(TenantId.Parse("any"), IncidentSeverity.Info, "escalated"));
        Assert.Equal(["/etc/x/s"], Assert.IsType<WebhookChannel>(target.Channel).SecretFiles);
    }

    [Fact]
    public void Filter_TenantSeverityEvent_AllHaveToFit()
    {
        var filter = Assert.Single(Load($"- {{ name: a, tenants: [shop], minimum_severity: warning, events: [started], {Hook} }}").Targets!).Filter;

        Assert.True(filter.Takes(TenantId.Parse("shop"), IncidentSeverity.Warning, "started"));
        Assert.False(filter.Takes(TenantId.Parse("other"), IncidentSeverity.Warning, "started"));
        Assert.False(filter.Takes(TenantId.Parse("shop"), IncidentSeverity.Info, "started"));
        Assert.False(filter.Takes(TenantId.Parse("shop"), IncidentSeverity.Critical, "closed"));
    }

    [Theory]
    [InlineData($"{{ name: a, {Hook}, slack: {{ url: 'http://x' }} }}", "spec.targets[0].slack", "2 kinds")]
    [InlineData("{ name: a }", "spec.targets[0].name", "no kind")]
    [InlineData("{ name: a, webhook: { url: 'https://h.example' } }", "spec.targets[0].webhook.secret_files", "signed")]
    [InlineData("{ name: a, webhook: { secret_files: [s] } }", "spec.targets[0].webhook.url", "missing")]
    [InlineData("{ name: a, slack: { url: 'http://x', url_file: f } }", "spec.targets[0].slack.url_file", "url as well")]
    [InlineData("{ name: a, slack: { url: 'ftp://x' } }", "spec.targets[0].slack.url", "'ftp://x' is not allowed")]
    [InlineData($"{{ name: a, {Hook}, title: x }}", "spec.targets[0].title", "unknown key")]
    [InlineData("{ name: a, slack: { url: 'http://x' }, text: 'see ${secret}' }", "spec.targets[0].text", "'${secret}' is no placeholder")]
    [InlineData("{ name: a, slack: { url: 'http://x' }, title: 'costs $5' }", "spec.targets[0].title", "begins no placeholder")]
    [InlineData("{ name: a, slack: { url: 'http://x' }, title: 'open ${id' }", "spec.targets[0].title", "begins no placeholder")]
    [InlineData($"{{ name: a, {Hook}, events: [burning] }}", "spec.targets[0].events[0]", "'burning' is not allowed")]
    [InlineData($"{{ name: a, {Hook}, events: [] }}", "spec.targets[0].events", "told of nothing")]
    [InlineData($"{{ name: a, {Hook}, tenants: [UP] }}", "spec.targets[0].tenants[0]", "'UP' is not allowed")]
    [InlineData($"{{ name: a, {Hook}, minimum_severity: bad }}", "spec.targets[0].minimum_severity", "'bad' is not allowed")]
    [InlineData($"{{ name: a, {Hook}, timeout: 5m }}", "spec.targets[0].timeout", "longer than 60s")]
    [InlineData($"{{ name: a, {Hook}, retry: {{ first: 10m, max: 1m }} }}", "spec.targets[0].retry.max", "shorter than first")]
    [InlineData($"{{ name: a, {Hook}, escalate: {{ after: 5m, to: [b] }} }}", "spec.targets[0].escalate", "no target 'b'")]
    [InlineData($"{{ name: a, {Hook}, escalate: {{ after: 5m, to: [a] }} }}", "spec.targets[0].escalate", "escalates to itself")]
    [InlineData("{ name: a, pagerduty: {} }", "spec.targets[0].pagerduty.routing_key_file", "missing")]
    [InlineData("{ name: a, smtp: { host: mail.example, from: a@b.example, to: ['Bad <x@y>'] } }", "spec.targets[0].smtp.to[0]", "not allowed")]
    [InlineData("{ name: a, smtp: { host: mail.example, from: a@b.example, to: [c@d.example], user: u } }", "spec.targets[0].smtp.user", "go together")]
    [InlineData("{ name: a, smtp: { host: mail.example, security: none, from: a@b.example, to: [c@d.example], user: u, password_file: p } }", "spec.targets[0].smtp.security", "in the clear")]
    [InlineData("{ name: a, alertmanager: { url: 'http://x', labels: { tenant: x } } }", "spec.targets[0].alertmanager.labels.tenant", "every alert has")]
    public void Fault_NamesFileKeyValueAndFix(string target, string path, string problem)
    {
        var fault = Assert.Single(Load($"- {target}").Faults);

        Assert.Equal(("/etc/x/notify.yaml", path), (fault.File, fault.Path));
        Assert.Contains(problem, fault.Problem, StringComparison.Ordinal);
        Assert.NotEmpty(fault.Fix);
    }

    [Fact]
    public void Names_Twice_AreFaults() => Assert.Equal(2, Load($"- {{ name: a, {Hook} }}\n    - {{ name: a, {Hook} }}").Faults.Count);

    private static NotifyLoadResult Load(string targets) => NotifyLoader.Load(
        new StringReader($"apiVersion: telemetry.stella-ops.org/v1\nkind: Notifications\nmetadata: {{ name: notify }}\nspec:\n  targets:\n    {targets}\n"), "/etc/x/notify.yaml");
}
