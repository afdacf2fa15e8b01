namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>What differs between kinds of children.</summary>
internal interface IChildKind
{
    /// <summary>Before each start: makes what is missing, and clears what an earlier life left.</summary>
    Task<ChildCommand> PrepareAsync(CancellationToken cancellationToken);

    /// <summary>Whether it serves.</summary>
    Task<bool> IsHealthyAsync(CancellationToken cancellationToken);

    /// <summary>Once, after it was healthy for the first time.</summary>
    Task CompleteAsync(CancellationToken cancellationToken);

    /// <summary>The process that does the work, when that is not the one that was started.</summary>
    int? WorkingProcessId();
}
