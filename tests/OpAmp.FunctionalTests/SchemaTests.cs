using System.Text.RegularExpressions;
using Google.Protobuf.Reflection;
using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.OpAmp.FunctionalTests;

/// <summary>Our messages beside those that a third party generated from the specification.</summary>
public sealed partial class SchemaTests(ThirdPartyAgent agent) : IClassFixture<ThirdPartyAgent>
{
    [Fact]
    public void Messages_OfTheThirdParty_AreOursByNameNumberAndType()
    {
        Assert.NotNull(agent);
        var theirs = Read("anyvalue").Concat(Read("opamp")).ToHashSet();
        var ours = Fields(AnyvalueReflection.Descriptor.ToProto()).Concat(Fields(OpampReflection.Descriptor.ToProto())).ToHashSet();

        Assert.True(theirs.Count > 150, $"{theirs.Count} fields and values were read");
        Assert.Empty(theirs.Except(ours));
    }

    private static IEnumerable<string> Read(string name)
    {
        var path = Path.Combine(Repository.Root, "tests", "OpAmp.FunctionalTests", "node", "node_modules", "@elastic", "opamp-client-node", "lib", "generated", name + "_pb.js");
        if (!File.Exists(path))
        {
            Dependency.Missing("the third party's client (npm)");
        }

        return Fields(FileDescriptorProto.Parser.ParseFrom(Convert.FromBase64String(Padded(Base64().Match(File.ReadAllText(path)).Groups[1].Value))));
    }

    /// <summary>One text a field and a value, with all that is on the wire.</summary>
    private static IEnumerable<string> Fields(FileDescriptorProto file) =>
        file.MessageType.SelectMany(m => Fields(m, file.Package)).Concat(file.EnumType.SelectMany(e => e.Value.Select(v => $"{e.Name}.{v.Name} = {v.Number}")));

    private static IEnumerable<string> Fields(DescriptorProto message, string package) =>
        message.Field.Select(f => $"{message.Name}.{f.Name} = {f.Number} {f.Label} {f.Type} {f.TypeName.Replace("." + package, "", StringComparison.Ordinal)}")
            .Concat(message.NestedType.SelectMany(n => Fields(n, package).Select(f => $"{message.Name}.{f}")));

    private static string Padded(string base64) => base64.PadRight((base64.Length + 3) / 4 * 4, '=');

    [GeneratedRegex("fileDesc\\(\"([A-Za-z0-9+/=]+)\"")]
    private static partial Regex Base64();
}
