using StellaOps.Telemetry.Contracts.Incidents;
using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.IncidentService.Site;

/// <summary>
/// The <c>incident</c> block of the site's profile, as it is in force: what an incident begins with where neither request nor rule says it,
/// and the longest that one may stay raised without being extended.
/// </summary>
internal sealed class SiteTerms : ISiteProfileFollower
{
    /// <summary>Of a site without a profile: no ceiling but what requests may ask for at most.</summary>
    private static readonly IncidentProfile s_builtIn = new(1, TimeSpan.FromMinutes(15), TimeSpan.FromMinutes(5), TimeSpan.FromDays(8));

    private volatile IncidentProfile _incident = s_builtIn;

    public void Apply(Profile next) => _incident = next.Incident;

    public IncidentTerms Of(StartIncidentRequest request)
    {
        var site = _incident;
        var ceiling = Seconds(site.Ceiling);
        var cooldown = request.CooldownSeconds ?? Seconds(site.Cooldown);
        var terms = new IncidentTerms(request.SamplingRate ?? site.SamplingRate, request.TtlSeconds, cooldown, request.LookbackSeconds ?? Seconds(site.Lookback));
        return request.TtlSeconds + cooldown <= ceiling ? terms : terms with
        {
            CooldownSeconds = Math.Min(cooldown, ceiling - 1),
            TtlSeconds = Within(ceiling, request.TtlSeconds, cooldown),
            Limit = $"the site's profile lets no incident stay raised for longer than {ProfileWords.Duration(site.Ceiling)} without being extended",
        };
    }

    /// <summary>How long an extension may keep an incident active.</summary>
    public int TtlOf(int asked, int cooldownSeconds) => Within(Seconds(_incident.Ceiling), asked, cooldownSeconds);

    private static int Within(int ceiling, int ttl, int cooldown) => Math.Max(1, Math.Min(ttl, ceiling - cooldown));

    private static int Seconds(TimeSpan time) => (int)Math.Max(time.TotalSeconds, 0);
}
