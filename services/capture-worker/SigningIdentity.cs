using StellaOps.Telemetry.Evidence.Signing;

namespace StellaOps.Telemetry.CaptureWorker;

/// <summary>This service's own key, for its messages, and the keys whose messages it believes.</summary>
internal sealed record SigningIdentity(SigningKey Key, TrustStore Trust);
