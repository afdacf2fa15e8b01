using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.IngestGateway.Pipeline;
using StellaOps.Telemetry.IngestGateway.Sampling;
using StellaOps.Telemetry.IngestGateway.Tests.TestServices;

namespace StellaOps.Telemetry.IngestGateway.Tests.Sampling;

public sealed class IncidentMatcherTests
{
    private static readonly DateTimeOffset s_now = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);

    [Fact]
    public void Find_SeveralIncidents_GivesTheHighestRateInForce()
    {
        // As the matcher adds them: by rate, highest first.
        var scopes = new TenantScopes();
        scopes.Add(Incident("ends-soon", 1, TimeSpan.FromSeconds(1), "checkout"));
        scopes.Add(Incident("own", 0.5, TimeSpan.FromMinutes(1), "checkout", "stock"));
        scopes.Add(Incident("whole", 0.25, TimeSpan.FromSeconds(30)));

        Assert.Equal("ends-soon", Find(scopes, "checkout", TimeSpan.Zero));
        Assert.Equal("own", Find(scopes, "checkout", TimeSpan.FromSeconds(2)));
        Assert.Equal("own", Find(scopes, "stock", TimeSpan.Zero));
        Assert.Equal("whole", Find(scopes, "cart", TimeSpan.Zero));
        Assert.Null(Find(scopes, "cart", TimeSpan.FromSeconds(30)));
        Assert.Equal("own", scopes.FindAny(UnixNano.Of(s_now.AddSeconds(2)))?.Stamp.IncidentId);
    }

    [Fact]
    public void Keeps_AtARate_TheSameTracesAboutThatOften()
    {
        var scopes = new TenantScopes();
        scopes.Add(Incident("half", 0.5, TimeSpan.FromMinutes(1)));
        var scope = scopes.FindAny(UnixNano.Of(s_now))!;
        Assert.InRange(Enumerable.Range(1, 10_000).Count(i => scope.Keeps((UInt128)i)), 4700, 5300);
    }

    private static string? Find(TenantScopes scopes, string service, TimeSpan after) =>
        scopes.Find(SpanWalker.HashOf(System.Text.Encoding.UTF8.GetBytes(service)), UnixNano.Of(s_now + after))?.Stamp.IncidentId;

    private static IncidentMessage Incident(string id, double rate, TimeSpan duration, params string[] services) =>
        new(id, 1, false, PipelineFixture.Acme, services, rate, s_now, s_now + duration);
}
