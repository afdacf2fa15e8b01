namespace StellaOps.Telemetry.Profiles.Validation;

/// <summary>The recorder holds what others reach back for.</summary>
internal static class RecorderRules
{
    public static void Check(RuleContext context)
    {
        var (recorder, sampling, incident) = (context.Profile.Recorder, context.Profile.Sampling, context.Profile.Incident);
        if (recorder.MaxAge < sampling.DecisionWait * 2)
        {
            context.Refuse("recorder.max_age", $"{recorder.MaxAge} is below twice sampling.decision_wait, {sampling.DecisionWait}: the log has to hold what is undecided", "raise it, or shorten sampling.decision_wait");
        }

        if (incident.Lookback > recorder.MaxAge)
        {
            context.Refuse("incident.lookback", $"{incident.Lookback} is longer than recorder.max_age, {recorder.MaxAge}: the recorder cannot reach back further", "shorten it, or raise recorder.max_age");
        }
    }
}
