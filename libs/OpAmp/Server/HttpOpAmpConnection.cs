using Microsoft.AspNetCore.Http;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.OpAmp.Server;

/// <summary>One HTTP exchange.</summary>
internal sealed class HttpOpAmpConnection(HttpContext context) : OpAmpConnection(OpAmpTransport.Http, context.User)
{
    public override Task<bool> SendAsync(ServerToAgent message, CancellationToken cancellationToken) => Task.FromResult(false);

    public override void Abort() => context.Abort();
}
