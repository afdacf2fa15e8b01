namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>What a change of a profile may cost, in rising order: a threshold takes all that stand behind it.</summary>
public enum ChangeRisk
{
    /// <summary>Nothing.</summary>
    Harmless,

    /// <summary>A limit is raised or removed: more may be sent, held or written than before.</summary>
    RaisesLimit,

    /// <summary>The recorder, or what an incident takes from it, reaches back less far.</summary>
    ShortensLookback,

    /// <summary>Less is kept.</summary>
    LowersSampling,

    /// <summary>What is kept is deleted sooner.</summary>
    ShortensRetention,

    /// <summary>Something is no longer told to a store or a person.</summary>
    StopsExport,

    /// <summary>What was acknowledged may be lost where it was safe.</summary>
    WeakensDurability,

    /// <summary>A listener can be reached from further away.</summary>
    OpensListener,

    /// <summary>Connections are no longer encrypted, or ask for less proof of who is there.</summary>
    WeakensTransport,

    /// <summary>Others vouch for who is who.</summary>
    ChangesTrust,

    /// <summary>Tenants are kept apart less.</summary>
    WeakensIsolation,

    /// <summary>Records or alerts go where they did not go.</summary>
    OpensEgress,

    /// <summary>Redaction leaves more than before.</summary>
    WeakensRedaction,

    /// <summary>A redaction rule is gone.</summary>
    DropsRedactionRule,

    /// <summary>Connections may leave for any host.</summary>
    DisablesSealedMode,
}
