namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>Whether the schemas are there: background work waits for it, the health check tells it.</summary>
public sealed class DatabaseState
{
    private readonly TaskCompletionSource _migrated = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public bool IsMigrated => _migrated.Task.IsCompletedSuccessfully;

    /// <summary>Why it is not migrated yet; null when it is, or when nothing was tried yet.</summary>
    public string? LastFailure { get; private set; }

    /// <summary>Completes when the schemas are up to date.</summary>
    public Task WaitMigratedAsync(CancellationToken cancellationToken) => _migrated.Task.WaitAsync(cancellationToken);

    internal void OnMigrated()
    {
        LastFailure = null;
        _migrated.TrySetResult();
    }

    internal void OnFailed(string failure) => LastFailure = failure;
}
