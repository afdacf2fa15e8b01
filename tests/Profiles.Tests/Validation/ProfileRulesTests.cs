using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Tests.TestServices;

namespace StellaOps.Telemetry.Profiles.Tests.Validation;

/// <summary>Each unsafe combination is refused at the value that makes it, and its safe neighbour is taken.</summary>
public sealed class ProfileRulesTests
{
    private const string Exporter = "exporters: [{ name: a, type: archive }, { name: store, type: otlp, endpoint: 'http://store.example:4317' }]";
    private const string PrometheusExporter = "exporters: [{ name: metrics, type: otlp, protocol: http/protobuf, endpoint: 'http://prom.example:9090/api/v1/otlp' }]";
    private const string Edge = "gateway: 'https://gw.example:4317', cert_file: /c, key_file: /k, ca_file: /a";

    [Theory]
    [InlineData("ingest: { listeners: { http: 'http://0.0.0.0:4318' } }", "spec.ingest.listeners.http")]
    [InlineData("ingest: { listeners: { grpc: 'https://0.0.0.0:4317' } }", "spec.ingest.listeners.grpc")]
    [InlineData("redaction: none, environment: production", "spec.redaction")]
    [InlineData("redaction: none, ingest: { listeners: { http: 'https://0.0.0.0:4318' }, tls: { cert_file: a, key_file: b } }", "spec.redaction")]
    [InlineData("redaction: none, exporters: [{ name: log, type: debug, verbosity: detailed }]", "spec.exporters[0].verbosity")]
    [InlineData("sealed: { enabled: true }", "spec.durability")]
    [InlineData("recorder: { max_age: 9s }, incident: { lookback: 5s, cooldown: 5s }", "spec.recorder.max_age")]
    [InlineData("incident: { lookback: 16m }", "spec.incident.lookback")]
    [InlineData("durability: fsync, sealed: { enabled: true }, " + Exporter, "spec.exporters[1].endpoint")]
    [InlineData("durability: fsync, sealed: { enabled: true, allowlist: ['store.example:4318'] }, " + Exporter, "spec.exporters[1].endpoint")]
    [InlineData("durability: fsync, sealed: { enabled: true }, storage: { prometheus: { url: 'http://prom.example' } }", "spec.storage.prometheus.url")]
    [InlineData("durability: fsync, sealed: { enabled: true }, storage: { alertmanager: { webhook: 'http://hook.example' } }", "spec.storage.alertmanager.webhook")]
    [InlineData("durability: fsync, sealed: { enabled: true }, edge: { " + Edge + " }", "spec.edge.gateway")]
    [InlineData("multi_tenant: true, storage: {}", "spec.storage.prometheus.front_door")]
    [InlineData("multi_tenant: true, storage: { prometheus: { front_door: false } }", "spec.storage.prometheus.front_door")]
    [InlineData("multi_tenant: true, " + PrometheusExporter, "spec.exporters[0].endpoint")]
    [InlineData("storage: { loki: { tenants: { acme: {} } } }", "spec.storage.loki.tenants")]
    [InlineData("storage: { tempo: { tenants: { acme: { max_traces: 5 } } } }", "spec.storage.tempo.tenants")]
    [InlineData("recorder: { max_bytes: 0 }", "spec.recorder.max_bytes")]
    [InlineData("recorder: { max_bytes: unlimited }", "spec.recorder.max_bytes")]
    [InlineData("recorder: { spill_bytes: -1 }", "spec.recorder.spill_bytes")]
    [InlineData("recorder: { spill_bytes: 2000TiB }", "spec.recorder.spill_bytes")]
    [InlineData("sampling: { max_bytes: none }", "spec.sampling.max_bytes")]
    [InlineData("sampling: { max_bytes: 65GiB }", "spec.sampling.max_bytes")]
    [InlineData("edge: { queue_bytes: unbounded, " + Edge + " }", "spec.edge.queue_bytes")]
    [InlineData("edge: { memory_limit: 0, " + Edge + " }", "spec.edge.memory_limit")]
    [InlineData("edge: { processors: [memory_limiter, batch, redaction], " + Edge + " }", "spec.edge.processors[1]")]
    [InlineData("edge: { processors: [memory_limiter, batch/big, redaction], " + Edge + " }", "spec.edge.processors[1]")]
    [InlineData("edge: { processors: [memory_limiter, tail_sampling, redaction], " + Edge + " }", "spec.edge.processors[1]")]
    [InlineData("edge: { processors: [memory_limiter, transform, redaction], " + Edge + " }", "spec.edge.processors[1]")]
    [InlineData("edge: { processors: [redaction, memory_limiter, redaction], " + Edge + " }", "spec.edge.processors[0]", "spec.edge.processors[2]")]
    [InlineData("edge: { processors: [memory_limiter, redaction, resourcedetection], " + Edge + " }", "spec.edge.processors[2]")]
    [InlineData("edge: { processors: [], " + Edge + " }", "spec.edge.processors")]
    [InlineData("edge: { gateway: 'http://gw.example:4317', cert_file: c, key_file: /k }", "spec.edge.ca_file", "spec.edge.gateway", "spec.edge.cert_file")]
    [InlineData("storage: { alertmanager: { webhook_token_file: /t } }", "spec.storage.alertmanager.webhook_token_file")]
    public void Resolve_UnsafeCombination_IsRefusedWhereItIsMade(string spec, params string[] paths)
    {
        var faults = Resolve("small", spec).Faults;

        Assert.Equal(paths, faults.Select(f => f.Path));
        Assert.All(faults, f => Assert.True(f.Fix.Length > 10 && f.Problem.Length > 5, f.ToString()));
    }

    [Theory]
    [InlineData("ingest: { listeners: { grpc: 'https://0.0.0.0:4317', http: 'http://[::1]:4318' }, tls: { cert_file: a, key_file: b } }")]
    [InlineData("redaction: none, exporters: [{ name: log, type: debug }]")]
    [InlineData("durability: fsync, sealed: { enabled: true, allowlist: [store.example] }, " + Exporter)]
    [InlineData("durability: fsync, sealed: { enabled: true }, storage: { prometheus: { url: 'http://127.0.0.1:9090' } }")]
    [InlineData("durability: fsync, sealed: { enabled: true, allowlist: ['*.example'] }, edge: { " + Edge + " }")]
    [InlineData("multi_tenant: true, storage: { prometheus: { front_door: true }, loki: { tenants: { acme: {} } } }, " + PrometheusExporter)]
    [InlineData("multi_tenant: true, " + Exporter)]
    [InlineData("storage: {}, " + PrometheusExporter)]
    [InlineData("edge: { processors: [memory_limiter, redaction], " + Edge + " }")]
    [InlineData("edge: { memory_limit: 64GiB, queue_bytes: 1024TiB, " + Edge + " }")]
    public void Resolve_SafeNeighbour_IsTaken(string spec) => Assert.Empty(Resolve("small", spec).Faults);

    [Theory]
    [InlineData("forensic", "durability: write", "write is not allowed in 'forensic'")]
    [InlineData("airgap", "sealed: { enabled: false }", "false is not allowed in 'airgap'")]
    public void Resolve_PromiseOfAProfile_IsKeptByItself(string name, string change, string problem)
    {
        var documents = Shipped();
        documents[$"overlays/lab/{name}.yaml"] = MemoryDocuments.Overlay(name, $"{{ {change} }}");

        Assert.Contains(ProfileResolver.Resolve(documents, name, "lab").Faults, f => f.Problem.StartsWith(problem, StringComparison.Ordinal) && f.File == $"overlays/lab/{name}.yaml");
    }

    [Theory]
    [InlineData("forensic", "durability: write", "write is not allowed in what inherits from 'forensic'")]
    [InlineData("airgap", "durability: write, sealed: { enabled: false }", "write is not allowed in what inherits from 'airgap'")]
    [InlineData("airgap", "sealed: { enabled: null }", "false is not allowed in 'airgap', nor in what inherits from it")]
    public void Resolve_PromiseOfAProfile_IsKeptByGrandchildren(string parent, string change, string problem)
    {
        var documents = Shipped();
        documents["child.yaml"] = MemoryDocuments.Child("child", parent, "{}");
        documents["grandchild.yaml"] = MemoryDocuments.Child("grandchild", "child", $"{{ {change} }}");

        Assert.Contains(ProfileResolver.Resolve(documents, "grandchild", null).Faults, f => f.Problem.StartsWith(problem, StringComparison.Ordinal) && f.File == "grandchild.yaml");
        documents["grandchild.yaml"] = MemoryDocuments.Child("grandchild", "child", "{ recorder: { max_age: 2h } }");
        Assert.Empty(ProfileResolver.Resolve(documents, "grandchild", null).Faults);
    }

    [Theory]
    [InlineData("{ rule: address, action: hash, class: ipv4 }", false)]
    [InlineData("{ rule: card, action: hash, class: card }", false)]
    [InlineData("{ rule: id, action: hash, class: national_id }", false)]
    [InlineData("{ rule: word, action: hash, pattern: 'id=[0-9]+' }", false)]
    [InlineData("{ rule: word, action: hash, pattern: 'id=[0-9a-f]{64}', high_entropy: true }", true)]
    [InlineData("{ rule: token, action: hash, class: token }", true)]
    [InlineData("{ rule: address, action: hmac, class: ipv4 }", true)]
    public void Resolve_UnkeyedHash_IsTakenOnlyOfWhatNobodyGuesses(string rule, bool valid)
    {
        var documents = new MemoryDocuments
        {
            ["small.yaml"] = ProfileTexts.Minimal,
            ["redaction/baseline.yaml"] = ProfileTexts.Policy.Replace("{ rule: email, action: mask, class: email }", rule, StringComparison.Ordinal),
        };

        var faults = ProfileResolver.Resolve(documents, "small", null).Faults;

        Assert.Equal(valid, faults.Count == 0);
        Assert.All(faults, f => Assert.Equal(("redaction/baseline.yaml", 7, 7), (f.File, f.Line, f.Column)));
        Assert.All(faults, f => Assert.Contains("can be guessed", f.Problem, StringComparison.Ordinal));
    }

    private static ProfileResolution Resolve(string parent, string change)
    {
        var documents = new MemoryDocuments { ["small.yaml"] = ProfileTexts.Minimal, ["top.yaml"] = MemoryDocuments.Child("top", parent, $"{{ {change} }}") };
        return ProfileResolver.Resolve(documents, "top", null);
    }

    private static MemoryDocuments Shipped() => new()
    {
        ["forensic.yaml"] = ProfileTexts.Shipped("forensic"),
        ["airgap.yaml"] = ProfileTexts.Shipped("airgap"),
    };
}
