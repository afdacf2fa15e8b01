using System.Collections.Concurrent;
using StellaOps.Telemetry.Contracts.Promotions;
using StellaOps.Telemetry.IngestGateway.Promotion;

namespace StellaOps.Telemetry.IngestGateway.FunctionalTests.TestServices;

/// <summary>Remembers what it was asked, and answers so that the answer can be recognised.</summary>
internal sealed class FakePromoter : IPromoter
{
    public ConcurrentQueue<string> Asked { get; } = new();

    public bool Fails { get; set; }

    public Task<PromotionAck> PromoteAsync(PromotionRequest request, CancellationToken cancellationToken)
    {
        Asked.Enqueue(request.Id);
        return Fails
            ? throw new IOException("no space left on device")
            : Task.FromResult(new PromotionAck(request.Id, "gw-1", null, request.FromUnixNano, 42, ["a/segment"], [], "hash"));
    }
}
