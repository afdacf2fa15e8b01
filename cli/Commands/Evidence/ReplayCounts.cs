using System.Net;
using System.Net.Http.Headers;
using StellaOps.Telemetry.Clients;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Contracts.Tenants;
using StellaOps.Telemetry.Replay.State;

namespace StellaOps.Telemetry.Cli.Commands.Evidence;

/// <summary>What the gateways count of one replay, all together: behind a load balancer each took a share.</summary>
internal sealed class ReplayCounts(CommandContext context, IReadOnlyList<Uri> gateways, TenantId tenant)
{
    private readonly Dictionary<Signal, long> _records = [];
    private readonly List<string> _ids = [];

    public long Batches { get; private set; }

    public IReadOnlyList<string> Gateways => _ids;

    public long RecordsOf(Signal signal) => _records.GetValueOrDefault(signal);

    /// <summary>Asks them all.</summary>
    /// <returns>What is wrong with the batches; null when nothing is.</returns>
    public async Task<string?> AskAsync(ReplayState state, CancellationToken cancellationToken)
    {
        foreach (var url in gateways)
        {
            using var http = new HttpClient(context.Host.CreateHandler())
            {
                BaseAddress = url,
                DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", context.Tokens.Require(KnownScopes.TelemetryRead, tenant.Value)) },
            };
            try
            {
                var replay = await new GatewayClient(http).GetReplayAsync(tenant, state.ReplayId, cancellationToken);
                _ids.Add(replay.GatewayId);
                Batches += replay.Batches;
                foreach (var signal in replay.Signals)
                {
                    _records[signal.Signal] = RecordsOf(signal.Signal) + signal.Records;
                }
            }
            catch (ApiException e) when (e.Status == HttpStatusCode.NotFound)
            {
                _ids.Add($"{url} (knows nothing of this replay)");
            }
        }

        return Batches == state.Acknowledged ? null : $"{state.Acknowledged} batches were acknowledged, and the gateway counts {Batches}";
    }
}
