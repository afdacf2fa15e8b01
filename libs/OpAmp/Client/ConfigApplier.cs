using System.Threading.Channels;
using Google.Protobuf;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Client;

/// <summary>Has offers applied one after another, beside the connection: reports APPLYING, then APPLIED or FAILED.</summary>
internal sealed class ConfigApplier(AgentReporter reporter, IOpAmpAgentHandler handler)
{
    // The newest offer; one that it replaces before its turn is not applied at all.
    private readonly Channel<AgentRemoteConfig> _offers =
        Channel.CreateBounded<AgentRemoteConfig>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private ByteString _last = ByteString.Empty;

    /// <summary>Takes an offer, unless it is the one that was taken last: its status has been said, or will be.</summary>
    public void Offer(AgentRemoteConfig offer)
    {
        if (offer.ConfigHash.IsEmpty || offer.ConfigHash != _last)
        {
            _last = offer.ConfigHash;
            _offers.Writer.TryWrite(offer);
        }
    }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await foreach (var offer in _offers.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            reporter.Report(StatusOf(offer, RemoteConfigStatuses.Applying, ""), null);
            var outcome = await ApplyAsync(offer, cancellationToken).ConfigureAwait(false);
            reporter.Report(StatusOf(offer, outcome.Error is null ? RemoteConfigStatuses.Applied : RemoteConfigStatuses.Failed, outcome.Error ?? ""), outcome.Effective);
        }
    }

    private async Task<ConfigOutcome> ApplyAsync(AgentRemoteConfig offer, CancellationToken cancellationToken)
    {
        try
        {
            return await handler.ApplyAsync(offer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return ConfigOutcome.Failed(e.Message);
        }
    }

    private static RemoteConfigStatus StatusOf(AgentRemoteConfig offer, RemoteConfigStatuses status, string error) =>
        new() { LastRemoteConfigHash = offer.ConfigHash, Status = status, ErrorMessage = error };
}
