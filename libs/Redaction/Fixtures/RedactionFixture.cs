using StellaOps.Telemetry.Otlp;

namespace StellaOps.Telemetry.Redaction.Fixtures;

/// <summary>One case of what a policy has to make of a request (tests/Conformance.Tests/README.md).</summary>
public sealed record RedactionFixture
{
    /// <summary>Name of the case.</summary>
    public required string Name { get; init; }

    /// <summary>What the case shows.</summary>
    public string Why { get; init; } = "";

    /// <summary>Signal of the request.</summary>
    public OtlpSignal Signal { get; init; } = OtlpSignal.Traces;

    /// <summary>Tenant whose pseudonyms are expected.</summary>
    public string Tenant { get; init; } = "acme";

    /// <summary>Secrets that go with the case.</summary>
    public RedactionSecrets Secrets { get; init; }

    /// <summary>The policy of the case itself; null where it uses one that is handed in.</summary>
    public RedactionPolicy? Policy { get; init; }

    /// <summary>Why the policy could not be read; empty where it could.</summary>
    public IReadOnlyList<PolicyFault> PolicyFaults { get; init; } = [];

    /// <summary>The case expects that the policy is refused.</summary>
    public bool IsRefused { get; init; }

    /// <summary>The request in protobuf.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>The expected request in protobuf; null where nothing is expected of the output.</summary>
    public ReadOnlyMemory<byte>? Expected { get; init; }

    /// <summary>Expected counts by rule; null where none are expected.</summary>
    public IReadOnlyDictionary<string, long>? Counts { get; init; }
}
