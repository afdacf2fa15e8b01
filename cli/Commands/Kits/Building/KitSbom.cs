using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using StellaOps.Telemetry.Evidence.Canonical;

namespace StellaOps.Telemetry.Cli.Commands.Kits.Building;

/// <summary>The kit's parts as SPDX 2.3 (https://spdx.github.io/spdx-spec/v2.3/), in RFC 8785 form: the same parts give the same document.</summary>
internal static class KitSbom
{
    /// <summary>In a kit.</summary>
    public const string File = "sbom/kit.spdx.json";

    private const string None = "NOASSERTION";
    private const string KitId = "SPDXRef-Kit";

    public static byte[] Write(string name, KitStage stage, string partsFolder)
    {
        var parts = new SortedDictionary<string, Part>(StringComparer.Ordinal);
        foreach (var file in Files(partsFolder, "*.deps.json"))
        {
            ReadDependencies(file, parts);
        }

        foreach (var file in Files(Path.Combine(partsFolder, "npm"), "*.json"))
        {
            ReadNpm(file, parts);
        }

        foreach (var component in stage.Components)
        {
            parts.TryAdd($"generic/{component.Name}@{component.Version}{component.Architecture}", new Part(component.Name, component.Version, null, null, component.Architecture));
        }

        var packages = new JsonArray { Package(KitId, new Part(name, stage.Version, null, null, null), null) };
        var relations = new JsonArray { Relation("SPDXRef-DOCUMENT", "DESCRIBES", KitId) };
        foreach (var (key, part) in parts)
        {
            var id = "SPDXRef-" + new string([.. key.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' ? c : '-')]);
            packages.Add(Package(id, part, LicenceOf(partsFolder, part)));
            relations.Add(Relation(KitId, "CONTAINS", id));
        }

        var content = CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(packages.ToJsonString()));
        var document = new JsonObject
        {
            ["spdxVersion"] = "SPDX-2.3",
            ["dataLicense"] = "CC0-1.0",
            ["SPDXID"] = "SPDXRef-DOCUMENT",
            ["name"] = name,
            ["documentNamespace"] = $"https://stella-ops.org/telemetry/kit/{name}/{Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(content))}",
            ["creationInfo"] = new JsonObject
            {
                ["created"] = stage.Date.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss'Z'", CultureInfo.InvariantCulture),
                ["creators"] = new JsonArray { $"Tool: stella-{stage.Version}", "Organization: StellaOps" },
            },
            ["packages"] = packages,
            ["relationships"] = relations,
        };
        return CanonicalJson.Canonicalize(Encoding.UTF8.GetBytes(document.ToJsonString()));
    }

    private static IEnumerable<string> Files(string folder, string pattern) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal) : [];

    /// <summary>"libraries": { "Npgsql/10.0.3": { "type": "package", "sha512": "sha512-(base64 of the .nupkg's)" } }.</summary>
    private static void ReadDependencies(string file, SortedDictionary<string, Part> parts)
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(file));
        foreach (var library in document.RootElement.GetProperty("libraries").EnumerateObject())
        {
            var type = library.Value.GetProperty("type").GetString();
            if (type is "package" or "runtimepack" && library.Name.Split('/') is [var name, var version])
            {
                name = name.StartsWith("runtimepack.", StringComparison.Ordinal) ? name["runtimepack.".Length..] : name;
                parts[$"nuget/{name}@{version}"] = new Part(name, version, $"pkg:nuget/{name}@{version}", Sha512(library.Value, "sha512"), null);
            }
        }
    }

    /// <summary>What <c>npm pack --json</c> says of a package, by name, version and integrity.</summary>
    private static void ReadNpm(string file, SortedDictionary<string, Part> parts)
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(file));
        var (name, version) = (document.RootElement.GetProperty("name").GetString()!, document.RootElement.GetProperty("version").GetString()!);
        var licence = document.RootElement.TryGetProperty("license", out var l) ? l.GetString() : null;
        parts[$"npm/{name}@{version}"] = new Part(name, version, $"pkg:npm/{name.Replace("@", "%40", StringComparison.Ordinal)}@{version}", Sha512(document.RootElement, "integrity"), null, licence);
    }

    private static string? Sha512(JsonElement element, string property) =>
        element.TryGetProperty(property, out var text) && text.GetString() is { } value && value.StartsWith("sha512-", StringComparison.Ordinal)
            ? Convert.ToHexStringLower(Convert.FromBase64String(value["sha512-".Length..]))
            : null;

    /// <summary>The licence expression of a package's nuspec.</summary>
    private static string? LicenceOf(string partsFolder, Part part)
    {
        var file = Path.Combine(partsFolder, "nuspec", $"{part.Name.ToLowerInvariant()}.{part.Version.ToLowerInvariant()}.nuspec");
        return part.Licence ?? (System.IO.File.Exists(file)
            ? XDocument.Load(file).Descendants().FirstOrDefault(e => e.Name.LocalName == "license" && (string?)e.Attribute("type") == "expression")?.Value
            : null);
    }

    private static JsonObject Package(string id, Part part, string? licence)
    {
        var package = new JsonObject
        {
            ["SPDXID"] = id,
            ["name"] = part.Name,
            ["versionInfo"] = part.Version,
            ["downloadLocation"] = None,
            ["filesAnalyzed"] = false,
            ["licenseConcluded"] = None,
            ["licenseDeclared"] = licence ?? None,
            ["copyrightText"] = None,
        };
        if (part.Architecture is not null)
        {
            package["comment"] = $"for {part.Architecture}";
        }

        if (part.Sha512 is not null)
        {
            package["checksums"] = new JsonArray { new JsonObject { ["algorithm"] = "SHA512", ["checksumValue"] = part.Sha512 } };
        }

        if (part.Purl is not null)
        {
            package["externalRefs"] = new JsonArray { new JsonObject { ["referenceCategory"] = "PACKAGE-MANAGER", ["referenceType"] = "purl", ["referenceLocator"] = part.Purl } };
        }

        return package;
    }

    private static JsonObject Relation(string from, string kind, string to) =>
        new() { ["spdxElementId"] = from, ["relationshipType"] = kind, ["relatedSpdxElement"] = to };

    private sealed record Part(string Name, string Version, string? Purl, string? Sha512, string? Architecture, string? Licence = null);
}
