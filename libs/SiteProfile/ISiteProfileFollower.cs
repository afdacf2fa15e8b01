using StellaOps.Telemetry.Profiles.Model;

namespace StellaOps.Telemetry.SiteProfile;

/// <summary>A part of a service that goes by the site's profile.</summary>
public interface ISiteProfileFollower
{
    /// <summary>What of the next profile this part cannot take over; each says what, and how to mend it. One fault of any part refuses it as a whole.</summary>
    IEnumerable<string> FaultsOf(Profile next) => [];

    /// <summary>Takes it over, soon after the start and after each change. Only after nobody found a fault; does not throw.</summary>
    void Apply(Profile next)
    {
    }

    /// <summary>There is none, or it was refused: what was in force stays.</summary>
    void Refuse(string why)
    {
    }
}
