using StellaOps.Telemetry.Profiles.Model;
using StellaOps.Telemetry.SiteProfile;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Policy;

/// <summary>The policy in force, by the site's profile. While none is known nothing is deleted.</summary>
internal sealed partial class PolicyState(ILogger<PolicyState> logger) : ISiteProfileFollower
{
    private volatile RetentionPolicy? _current;
    private volatile string? _fault = "the site's profile was not read yet";

    public RetentionPolicy? Current => _current;

    /// <summary>Why there is no policy, or why the last change was refused; null when the profile's files say what is in force.</summary>
    public string? Fault => _fault;

    public void Apply(Profile next)
    {
        (_current, _fault) = (new RetentionPolicy(next.Name, next.Retention), null);
        Log.InForce(logger, next.Name, string.Join(", ", next.Retention.Select(t => t.Name)));
    }

    public void Refuse(string why)
    {
        _fault = _current is null ? $"{why}: nothing is deleted" : why;
        if (_current is null)
        {
            Log.Unknown(logger, _fault);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(EventIds.RetentionPolicyInForce, LogLevel.Information, "retention goes by profile {Profile}; tiers with rules: {Tiers}")]
        public static partial void InForce(ILogger logger, string profile, string tiers);

        [LoggerMessage(EventIds.RetentionPolicyUnknown, LogLevel.Warning, "no retention: {Reason}")]
        public static partial void Unknown(ILogger logger, string reason);
    }
}
