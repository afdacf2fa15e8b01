using StellaOps.Telemetry.AppHost.Plan;

namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>One of our services: the assembly that was built beside this one.</summary>
internal sealed class ServiceChild(Resource resource, LocalContext context, HttpClient http) : IChildKind
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private readonly Uri _health = new(context.Urls(resource)[Topology.Http] + "/health");

    public Task<ChildCommand> PrepareAsync(CancellationToken cancellationToken)
    {
        var (file, arguments) = BuiltAssembly.Command(resource);
        return Task.FromResult(new ChildCommand(file, arguments, context.EnvironmentOf(resource), context.State.Root, Supervised: false));
    }

    public async Task<bool> IsHealthyAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(s_patience);
        try
        {
            using var answer = await http.GetAsync(_health, patience.Token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return false;
        }
    }

    public Task CompleteAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public int? WorkingProcessId() => null;
}
