using System.Text.Json;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.EndToEnd.Tests;

/// <summary>Whatever anyone did by the command line stands in the audit trail, under the name of who did it, and the trail's chain holds.</summary>
[Collection(nameof(SharedStackCollection))]
public sealed class AuditTests(SharedStack shared)
{
    private readonly RunningStack _stack = shared.Stack;

    [Fact]
    public async Task CommandLine_EveryChange_IsAudited()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var actor = "alice-" + Guid.NewGuid().ToString("N")[..8];
        var tenant = SharedStack.NewTenantName("audited");
        var folder = Directory.CreateTempSubdirectory("stella-audited-");
        try
        {
            var token = shared.Process.MintToken(actor, "*", KnownScopes.Admin);
            await DoAsync(token, "tenant", "add", tenant);
            var key = (await DoAsync(token, "ingest-key", "new", "--tenant", tenant)).GetProperty("key").GetProperty("keyId").GetString()!;
            var incident = (await DoAsync(token, "incident", "start", "--tenant", tenant, "--reason", "to be audited")).GetProperty("id").GetString()!;
            await DoAsync(token, "incident", "extend", incident, "--ttl", "2h");
            await DoAsync(token, "incident", "stop", incident);
            await DoAsync(token, "incident", "stop", incident, "--now");
            var capture = (await DoAsync(token, "capture", "--tenant", tenant, "--from", "-10s", "-o", folder.FullName)).GetProperty("id").GetString()!;
            await DoAsync(token, "ingest-key", "revoke", key);
            await DoAsync(token, "tenant", "disable", tenant);

            var trail = await DoAsync(token, "audit", "list", "--tenant", tenant, "--limit", "500");
            var rows = trail.GetProperty("items").EnumerateArray().Reverse().Select(e => (Text(e, "actor"), Text(e, "action"), Text(e, "target")))
                .Where(r => r.Item1 == actor) // Services act too: they put the incident in force, and ask for its evidence.
                .ToList();
            var files = Directory.EnumerateFiles(folder.FullName).Count();
            Assert.Equal(
                [
                    (actor, "tenant.add", tenant),
                    (actor, "ingest-key.new", key),
                    (actor, "incident.start", incident),
                    (actor, "incident.extend", incident),
                    (actor, "incident.stop", incident),
                    (actor, "incident.stop-now", incident),
                    (actor, "capture.create", capture),
                    .. Enumerable.Repeat((actor, "capture.export", capture), files),
                    (actor, "ingest-key.revoke", key),
                    (actor, "tenant.disable", tenant),
                ],
                rows);
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        // What was refused changed nothing, and the chain over all of it holds.
        var viewer = shared.Process.MintToken(actor + "-looks", "*", [.. KnownScopes.Roles["viewer"]]);
        Assert.Equal(4, (await RunAsync(viewer, "tenant", "disable", tenant)).ExitCode);
        using var http = RunningStack.NewAdminHttp(_stack.Url(KnownServices.ProfileService, "http"), _stack.Token);
        var client = new ProfileClient(http);
        Assert.DoesNotContain((await client.ListAuditAsync(null, null, null, null, 200, cancellationToken)).Items, e => e.Actor == actor + "-looks");
        var verification = await client.VerifyAuditAsync(cancellationToken);
        Assert.True(verification.Intact, verification.Failure);
        Assert.True(verification.Entries >= 12, $"only {verification.Entries} entries were checked");
    }

    private async Task<JsonElement> DoAsync(string token, params string[] arguments)
    {
        var result = await RunAsync(token, [.. arguments, "--output", "json"]);
        Assert.True(result.ExitCode == 0, $"{string.Join(' ', arguments)}: {result.ExitCode} {result.Error}");
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private Task<ToolResult> RunAsync(string token, params string[] arguments) =>
        _stack.Stella.RunAsync(["telemetry", .. arguments], new Dictionary<string, string> { ["STELLA_TOKEN"] = token });

    private static string Text(JsonElement entry, string property) => entry.GetProperty(property).GetString()!;
}
