namespace StellaOps.Telemetry.AppHost.Local;

/// <summary>The stack cannot start; the message is one line that says what to do.</summary>
internal sealed class LocalEngineException(string message) : Exception(message);
