using StellaOps.Telemetry.Profiles.Hooks;

namespace StellaOps.Telemetry.Profiles.Tests.Schema;

/// <summary>What an editor is told of hooks is what their reader takes.</summary>
public sealed class HooksSchemaTests
{
    private const string Full = """
        apiVersion: telemetry.stella-ops.org/v1
        kind: Hooks
        metadata: { name: full }
        spec:
          orchestrators:
            - { name: o, tenants: [shop], secret_files: [/s] }
          rules:
            - name: r
              source: alertmanager
              labels: { alertname: Slow }
              label_patterns: { severity: 'a|b' }
              tenant_label: tenant
              severity: warning
              severity_label: severity
              severity_values: { a: critical }
              services: [shop]
              services_label: service
              match_labels: { env: environment }
              sampling_rate: 0.5
              ttl: 1h
              cooldown: 5m
              lookback: 15m
              captures: { on_open: true, on_close: true, every: 10m }
              retain: 30d
              correlate_by: [service]
              reason: "${label.service}"
            - { name: s, source: alertmanager, services: [shop], tenant: shop, legal_hold: true }
        """;

    private readonly SchemaAgreement _agreement =
        new(SchemaDocument.Of("hooks"), YamlJson.Parse(Full), text => HooksLoader.Load(new StringReader(text), "hooks.yaml").Faults);

    [Fact]
    public void Full_SchemaAndReader_TakeIt() => _agreement.BothTakeTheFullDocument();

    [Fact]
    public void EveryObject_SchemaAndReader_KnowTheSameKeys() => _agreement.BothKnowTheSameKeys();

    [Fact]
    public void EveryKeyOfTheSchema_IsInTheFullDocumentAndDescribed() => _agreement.EveryKeyOfTheSchemaIsPresentAndDescribed();

    [Theory]
    [InlineData("""{ "zz": 1 }""")]
    [InlineData("\"@@ !!$\"")]
    [InlineData("[[1]]")]
    [InlineData("-7")]
    public void EveryValue_ReplacedByNonsense_IsRefusedByBothOrByNeither(string nonsense) =>
        _agreement.NonsenseIsRefusedByBothOrByNeither(nonsense, isOfTheReaderAlone: _ => false, moreThan: 20);
}
