namespace StellaOps.Telemetry.AppHost.Local.Processes;

/// <summary>How to start a child.</summary>
/// <param name="Supervised">A shell stands between, which stops the child when this engine is gone: for programs that do not watch it themselves.</param>
internal sealed record ChildCommand(string File, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string WorkingDirectory, bool Supervised);
