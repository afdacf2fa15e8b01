namespace StellaOps.Telemetry.ProfileService.Trust;

/// <summary>Something that was made by one trust file, and is made anew when another is in force.</summary>
internal sealed class ByTrust<T>(TrustState trust, Func<TrustModel, T> make)
{
    private volatile Made _made = new(trust.Current, make(trust.Current));

    public T Current
    {
        get
        {
            var (made, model) = (_made, trust.Current);
            return (made.Model == model ? made : (_made = new Made(model, make(model)))).Value;
        }
    }

    private sealed record Made(TrustModel Model, T Value);
}
