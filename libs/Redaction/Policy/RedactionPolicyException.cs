namespace StellaOps.Telemetry.Redaction;

/// <summary>A fault of a policy. Line and column start at 1 and are 0 where the fault has no place in a document.</summary>
public sealed record PolicyFault(int Line, int Column, string Message)
{
    /// <summary>The rule that is at fault, or the key that takes its place; null where it is the policy as a whole.</summary>
    public string? Rule { get; init; }

    /// <inheritdoc />
    public override string ToString() => Line > 0 ? $"line {Line}, column {Column}: {Message}" : Message;
}

/// <summary>A policy that cannot be used, with every fault found.</summary>
public sealed class RedactionPolicyException : Exception
{
    /// <summary>Carries the faults; the message lists them.</summary>
    public RedactionPolicyException(IReadOnlyList<PolicyFault> faults)
        : base("The redaction policy cannot be used: " + string.Join("; ", faults))
    {
        Faults = faults;
    }

    /// <summary>All faults, in the order of the document.</summary>
    public IReadOnlyList<PolicyFault> Faults { get; }
}
