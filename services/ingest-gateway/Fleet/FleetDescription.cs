using System.Reflection;
using System.Runtime.InteropServices;
using StellaOps.Telemetry.Contracts.Fleet;
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
                Attribute("service.name", KnownFleet.Gateway),
                Attribute("service.instance.id", gatewayId),
                Attribute("service.version", typeof(FleetDescription).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? ""),
            },
            NonIdentifyingAttributes =
            {
                Attribute("host.name", Environment.MachineName),
                Attribute("host.arch", RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant()),
                Attribute("os.type", "linux"),
                Attribute("os.description", RuntimeInformation.OSDescription),
            },
        };
        description.NonIdentifyingAttributes.Add(options.LabelPairs.Select(l => Attribute(l.Key, l.Value)));
        return description;
    }

    private static KeyValue Attribute(string key, string value) => new() { Key = key, Value = new AnyValue { StringValue = value } };
}
