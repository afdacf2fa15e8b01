using StellaOps.Telemetry.Tests.Shared.Stack;
using StellaOps.Telemetry.Tests.Shared.Telemetry;

namespace StellaOps.Telemetry.Demo;

/// <summary>What steps leave for the ones after them.</summary>
internal sealed class StoryContext(string? stateDirectory) : IAsyncDisposable
{
    private readonly string _run = Guid.NewGuid().ToString("N")[..6];
    private readonly string _scratch = Directory.CreateTempSubdirectory("stella-demo-").FullName;

    /// <summary>The state folder that the user named, or null: the running stack's, or one of the demo's own.</summary>
    public string? RequestedState { get; } = stateDirectory;

    /// <summary>Set when something is worth looking at afterwards.</summary>
    public bool KeepState { get; set; }

    /// <summary>The stack that the demo started for itself; null when one was running.</summary>
    public StackProcess? OwnStack { get; set; }

    public RunningStack Stack { get; set; } = null!;

    public string StateDirectory => Stack?.StateDirectory ?? OwnStack?.StateDirectory ?? _scratch;

    public TenantWorld Acme { get; set; } = null!;

    public TenantWorld Globex { get; set; } = null!;

    public DateTimeOffset TrafficStartedAt { get; set; }

    public DateTimeOffset CaptureTo { get; set; }

    public string IncidentId { get; set; } = "";

    public CapturedBundle Original { get; set; } = null!;

    /// <summary>A tenant's name that no earlier run used.</summary>
    public string TenantName(string name) => $"{name}-{_run}";

    /// <summary>A new folder of this run.</summary>
    public string NewFolder(string name) => Directory.CreateDirectory(Path.Combine(_scratch, name)).FullName;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        Stack?.Dispose();
        if (OwnStack is not null)
        {
            await OwnStack.StopAsync();
            if (!KeepState)
            {
                await OwnStack.DisposeAsync();
            }
        }

        if (!KeepState)
        {
            Directory.Delete(_scratch, recursive: true);
        }
    }
}

/// <summary>A tenant of the story, and the traces of its steady traffic.</summary>
internal sealed record TenantWorld(TenantSender Sender)
{
    public string Name => Sender.Name;

    public IReadOnlyList<SentTrace> SteadyTraces { get; set; } = [];

    /// <summary>Spans that were acknowledged until the capture's end.</summary>
    public long AcknowledgedUntilCapture { get; set; }
}
