namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>Registers two tenants with an ingest key each, and waits until the gateway takes them.</summary>
internal sealed class TenantsStep : IStoryStep
{
    public string Name => "tenants";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        context.Acme = new TenantWorld(await context.Stack.AddTenantAsync(context.TenantName("acme")));
        context.Globex = new TenantWorld(await context.Stack.AddTenantAsync(context.TenantName("globex")));
        var waited = await context.Acme.Sender.WaitUntilAcceptedAsync(cancellationToken) + await context.Globex.Sender.WaitUntilAcceptedAsync(cancellationToken);
        return $"{context.Acme.Name} and {context.Globex.Name} registered, an ingest key each; the gateway took both {waited.TotalMilliseconds:F0} ms after the last answer";
    }
}
