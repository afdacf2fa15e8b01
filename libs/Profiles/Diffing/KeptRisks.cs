namespace StellaOps.Telemetry.Profiles.Diffing;

/// <summary>What it costs when a policy says yes to less, or to more.</summary>
internal readonly record struct KeptRisks(ChangeRisk Less, ChangeRisk More)
{
    /// <summary>Of a policy that keeps what it says yes to.</summary>
    public static KeptRisks Keeping { get; } = new(ChangeRisk.LowersSampling, ChangeRisk.Harmless);

    /// <summary>The other way round: of one that drops it, or whose match is inverted.</summary>
    public KeptRisks Inverted => new(More, Less);

    public KeptRisks InvertedIf(bool condition) => condition ? Inverted : this;
}
