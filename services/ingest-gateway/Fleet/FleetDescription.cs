using System.Reflection;
using System.Runtime.InteropServices;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>What the gateway is, in the words of OpenTelemetry's semantic conventions for resources.</summary>
internal static class FleetDescription
{
    public static AgentDescription Of(string gatewayId, FleetOptions options)
    {
        var description = new AgentDescription
        {
            IdentifyingAttributes =
            {
                Attribute(KnownFleet.ServiceName, KnownFleet.GatewayServiceName),
                Attribute(KnownFleet.ServiceInstanceId, gatewayId),
                Attribute(KnownFleet.ServiceVersion, typeof(FleetDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? ""),
            },
            NonIdentifyingAttributes =
            {
                Attribute(KnownFleet.HostName, Environment.MachineName),
                Attribute(KnownFleet.HostArch, RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()),
                Attribute(KnownFleet.OsType, "linux"),
                Attribute(KnownFleet.OsDescription, RuntimeInformation.OSDescription),
            },
        };
        description.NonIdentifyingAttributes.Add(options.LabelPairs.Select(l => Attribute(l.Key, l.Value)));
        return description;
    }

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
