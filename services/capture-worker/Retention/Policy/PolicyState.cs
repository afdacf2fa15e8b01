namespace StellaOps.Telemetry.CaptureWorker.Retention.Policy;

/// <summary>The policy in force. While none is known nothing is deleted.</summary>
internal sealed class PolicyState
{
    private volatile RetentionPolicy? _current;
    private volatile string _fault = "the site's profile was not read yet";

    public RetentionPolicy? Current => _current;

    /// <summary>Why there is no policy, or why the last change was refused; null when the profile's files say what is in force.</summary>
    public string? Fault => _fault is { Length: > 0 } fault ? fault : null;

    public void Take(RetentionPolicy policy) => (_current, _fault) = (policy, "");

    /// <summary>What was in force stays.</summary>
    public void Refuse(string fault) => _fault = fault;
}
