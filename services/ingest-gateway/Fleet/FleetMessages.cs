using System.Reflection;
using System.Runtime.InteropServices;
using StellaOps.Telemetry.Contracts.Gateways;
using StellaOps.Telemetry.OpAmp.Model;

namespace StellaOps.Telemetry.IngestGateway.Fleet;

/// <summary>What the gateway is, in OpAMP's words.</summary>
internal static class FleetMessages
{
    public static AgentDescription Describe(string gatewayId, FleetOptions options)
    {
        var description = new AgentDescription
        {
            IdentifyingAttributes =
            {
                Attribute(KnownFleet.ServiceName, KnownFleet.GatewayServiceName),
                Attribute(KnownFleet.ServiceInstanceId, gatewayId),
                Attribute(KnownFleet.ServiceVersion, typeof(FleetMessages).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? ""),
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

    public static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };

    public static KeyValue Attribute(string key, long value) => new() { Key = key, Value = new AnyValue { IntValue = value } };
}
