using StellaOps.Telemetry.Contracts.Trust;
using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.IngestGateway.Tests.TestServices;

/// <summary>One key that may sign for one use, and the trust store that says so.</summary>
internal sealed class Trusted(string use) : IDisposable
{
    public SigningKey Key { get; } = SigningKey.Create();

    public TrustStore Store => new(new TrustDocument(TrustDocument.SchemaId, [new TrustedKey("test", Key.KeyId, Key.Public.ToPem(), [use])]));

    public void Dispose() => Key.Dispose();
}
