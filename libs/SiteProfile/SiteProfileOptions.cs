using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>Section <c>Stella:Profile</c>: the site's own profile, of which a service follows what concerns it.</summary>
public sealed class SiteProfileOptions
{
    /// <summary>The section's key.</summary>
    public const string Section = "Stella:Profile";

    /// <summary>The profile's document; null or empty: there is none.</summary>
    public string? Path { get; set; }

    /// <summary>The environment whose overlay lies over it; null or empty: none.</summary>
    public string? Overlay { get; set; }

    /// <summary>The documents.</summary>
    public SiteProfileSource ToSource() => new(Path, Overlay);

    internal sealed class Validator : IValidateOptions<SiteProfileOptions>
    {
        public ValidateOptionsResult Validate(string? name, SiteProfileOptions options)
        {
            var faults = new List<string>();
            options.ToSource().LoadPolicy(faults);
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);
        }
    }
}
