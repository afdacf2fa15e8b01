namespace StellaOps.Telemetry.Profiles.Tests.Diffing;

public sealed class ExporterDiffTests
{
    private const string Archive = "{ name: archive, type: archive }";

    [Theory]
    [InlineData("", "endpoint: 'https://tempo.example.org:4317'", "opens-egress: exporter 'o' is new: opens egress to tempo.example.org:4317")]
    [InlineData("", "endpoint: 'http://127.0.0.1:4327'", "harmless: exporter 'o' is new: goes to 127.0.0.1:4327")]
    [InlineData("endpoint: 'https://tempo.example.org:4317'", "", "stops-export: exporter 'o' to tempo.example.org:4317 is gone")]
    [InlineData("endpoint: 'https://a.example.org:4317'", "endpoint: 'https://b.example.org:4317'", "opens-egress: exporter 'o' goes to https://a.example.org:4317 -> https://b.example.org:4317")]
    [InlineData("endpoint: 'https://a.example.org:4317'", "endpoint: 'http://a.example.org:4317'", "weakens-transport: exporter 'o' goes to https://a.example.org:4317 -> http://a.example.org:4317")]
    [InlineData("endpoint: 'https://a:1'", "endpoint: 'https://a:1', tenant_header: none", "weakens-isolation: exporter 'o': header of the tenant X-Scope-OrgID -> none")]
    [InlineData("endpoint: 'https://a:1'", "endpoint: 'https://a:1', tls: { ca_file: /ca.crt }", "changes-trust: exporter 'o': authorities of the store none -> /ca.crt")]
    [InlineData("endpoint: 'https://a:1', max_elapsed: 7d", "endpoint: 'https://a:1', max_elapsed: 1h", "weakens-durability: exporter 'o' gives up after 7d -> 1h")]
    [InlineData("endpoint: 'https://a:1'", "endpoint: 'https://a:1', compression: zstd", "harmless: exporter 'o': compression none -> zstd")]
    [InlineData("endpoint: 'https://a:1', headers: { x-site: north }", "endpoint: 'https://a:1', headers: { x-site: south }", "harmless: exporter 'o': another value of header x-site")]
    [InlineData("endpoint: 'https://a:1', headers: { x-site: north }", "endpoint: 'https://a:1'", "harmless: exporter 'o': headers loses x-site")]
    [InlineData("endpoint: 'https://a:1', sending_queue: { num_consumers: 4 }", "endpoint: 'https://a:1', sending_queue: { num_consumers: 8 }", "harmless: exporter 'o': requests at once 4 -> 8")]
    public void Diff_Otlp_IsNamedWithItsRisk(string before, string after, params string?[]? changes) =>
        ProfileDifferTests.AssertDiff(Exporters(Otlp(before)), Exporters(Otlp(after)), changes);

    [Fact]
    public void Diff_Archive_ThatIsGoneStopsEvidence() =>
        ProfileDifferTests.AssertDiff(Exporters(), "exporters: []", "stops-export: exporter 'archive' to the archive is gone");

    [Fact]
    public void Diff_AnotherName_LeavesWhatWaitsBehind() => ProfileDifferTests.AssertDiff(
        Exporters("{ name: o, type: otlp, endpoint: 'https://a:1' }"), Exporters("{ name: p, type: otlp, endpoint: 'https://a:1' }"),
        "stops-export: exporter 'o' is called 'p': a new one begins, and what waits for the old one stays behind");

    [Fact]
    public void Diff_AnotherType_NamesBoth() => ProfileDifferTests.AssertDiff(
        Exporters("{ name: o, type: debug }"), Exporters("{ name: o, type: otlp, endpoint: 'https://a.example.org' }"),
        "opens-egress: exporter 'o' no longer goes to the log of the process: opens egress to a.example.org:443");

    private static string Otlp(string settings) => settings.Length == 0 ? "" : $"{{ name: o, type: otlp, {settings} }}";

    private static string Exporters(string other = "") => $"exporters: [{Archive}{(other.Length == 0 ? "" : ", " + other)}]";
}
