using System.Reflection;

namespace StellaOps.Telemetry.ServiceDefaults.Database;

/// <summary>The one schema that a service owns.</summary>
/// <param name="Name">Its name; a constant of the service, never input.</param>
/// <param name="Scripts">The assembly with the embedded <c>Migrations/*.sql</c>.</param>
public sealed record DatabaseSchema(string Name, Assembly Scripts);
