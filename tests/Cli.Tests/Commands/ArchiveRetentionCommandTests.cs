using Microsoft.AspNetCore.Builder;
using static StellaOps.Telemetry.Cli.Tests.TestServices.ScriptedService;

namespace StellaOps.Telemetry.Cli.Tests.Commands;

public sealed class ArchiveRetentionCommandTests
{
    private const string Expired =
        """
        {"tenant":"acme","hour":"2026-03-01T12:00:00+00:00","signal":"traces","tier":"default","action":"expire","rule":"profile site: tier sampled keeps traces of tenant acme for 14d",
         "at":"2026-03-15T12:30:00+00:00","chunks":2,"records":30,"storedBytes":3072,"heldBy":[]}
        """;

    private const string Held =
        """
        {"tenant":"acme","hour":"2026-03-01T13:00:00+00:00","signal":"logs","tier":"default","action":"held","rule":"profile site: tier sampled keeps logs of tenant acme for 14d",
         "at":"2026-03-15T13:30:00+00:00","chunks":1,"records":3,"storedBytes":100,"heldBy":["hold-1"]}
        """;

    [Fact]
    public async Task Usage_SaysWhatIsThereAndWhatIsHeld()
    {
        await using var service = await StartAsync(app => app.MapGet("/api/v1/archive/usage", (string? tenant, string? cursor) => Json(cursor is null
            ? """{"items":[{"tenant":"acme","signal":"traces","tier":"default","temperature":"hot","chunks":3,"records":40,"storedBytes":1572864,"contentBytes":9000000,"oldest":"2026-03-01T12:00:00+00:00","newest":"2026-03-02T12:00:00+00:00","heldChunks":1,"heldBytes":512}],"nextCursor":"acme"}"""
            : """{"items":[{"tenant":"globex","signal":"logs","tier":"promoted","temperature":"warm","chunks":1,"records":4,"storedBytes":10,"contentBytes":90,"oldest":"2026-03-01T12:00:00+00:00","newest":"2026-03-01T12:00:00+00:00","heldChunks":0,"heldBytes":0}]}""")));

        var table = await RunAsync(service, "telemetry", "archive", "usage");

        Assert.Matches(@"acme\s+traces\s+default\s+hot\s+3\s+40\s+1\.5 MiB\s+8\.6 MiB\s+2026-03-01T12:00:00Z\s+2026-03-02T12:00:00Z\s+1 chunks, 512 B", table.Out);
        Assert.Matches(@"globex\s+logs\s+promoted\s+warm\s+1\s+4\s+10 B\s+90 B\s+\S+\s+\S+\s+-", table.Out);
        Assert.Contains("\"storedBytes\": 1572864", (await RunAsync(service, "telemetry", "archive", "usage", "--output", "json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_SaysWhatGoesWhenAndWhy_AndWhatIsHeld()
    {
        await using var service = await StartAsync(app => app.MapGet("/api/v1/archive/plan", (string? cursor) => Json(
            $$"""{"asOf":"2026-03-15T12:00:00+00:00","until":"2026-03-16T12:00:00+00:00","profile":"site","items":[{{(cursor is null ? Expired : Held)}}]{{(cursor is null ? ",\"nextCursor\":\"x\"" : "")}}}""")));

        var table = await RunAsync(service, "telemetry", "archive", "plan");

        Assert.Matches(@"2026-03-15T12:30:00Z\s+expire\s+acme\s+traces\s+default\s+2026-03-01T12:00:00Z\s+2\s+30\s+3 KiB\s+-\s+profile site: tier sampled keeps traces of tenant acme for 14d", table.Out);
        Assert.Matches(@"held\s+acme\s+logs\s+default\s+2026-03-01T13:00:00Z\s+1\s+3\s+100 B\s+hold-1", table.Out);
        Assert.Contains("2 chunks (3 KiB) go until 2026-03-16T12:00:00Z; 1 chunks (100 B) would go and are held", table.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Plan_WithoutAPolicy_SaysThatNothingGoesAndWhy()
    {
        await using var service = await StartAsync(app => app.MapGet("/api/v1/archive/plan", () => Json(
            """{"asOf":"2026-03-15T12:00:00+00:00","until":"2026-03-16T12:00:00+00:00","fault":"Stella__Profile__Path is not set","items":[]}""")));

        Assert.Contains("nothing goes: no policy is in force (Stella__Profile__Path is not set)", (await RunAsync(service, "telemetry", "archive", "plan")).Error, StringComparison.Ordinal);
    }
}
