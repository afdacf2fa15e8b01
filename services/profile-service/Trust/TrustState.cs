namespace StellaOps.Telemetry.ProfileService.Trust;

/// <summary>The trust that is in force. Whoever keeps what was judged asks whether it is still the one that it was judged by.</summary>
internal sealed class TrustState(TrustModel model)
{
    private volatile TrustModel _current = model;
    private volatile string? _refused;

    public TrustModel Current => _current;

    /// <summary>Why the file as it is now was refused; null: it is in force.</summary>
    public string? Refused => _refused;

    public void Swap(TrustModel next)
    {
        _current = next;
        _refused = null;
    }

    public void Refuse(string why) => _refused = why;
}
