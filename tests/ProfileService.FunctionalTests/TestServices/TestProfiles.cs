using StellaOps.Telemetry.Profiles.Resolving;
using StellaOps.Telemetry.Profiles.Signing;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Profiles;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;

/// <summary>Versions of profiles, made from the repository's own documents.</summary>
internal static class TestProfiles
{
    private const string Edge =
        """

          edge:
            gateway: https://gateway.example.org:4317
            cert_file: /etc/otelcol/tls.crt
            key_file: /etc/otelcol/tls.key
            ca_file: /etc/otelcol/ca.crt

        """;

    /// <summary>A profile name of one test.</summary>
    public static string NewName() => $"p-{Guid.NewGuid():n}";

    /// <summary>A version of a profile like <paramref name="model"/>; what is written in it differs from version to version.</summary>
    /// <param name="edge">Whether it says something of edge Collectors.</param>
    public static ProfileClosure Closure(string name, long version, string model = "default", bool edge = false)
    {
        var text = Read($"{model}.yaml")
            .Replace($"  name: {model}\n", $"  name: {name}\n", StringComparison.Ordinal)
            .Replace("  description: ", $"  description: Version {version}. ", StringComparison.Ordinal);
        return SignedProfiles.Closure(
            name,
            version,
            null,
            new ProfileDocument($"{name}.yaml", edge ? text.TrimEnd() + Edge : text),
            new ProfileDocument("redaction/baseline.yaml", Read("redaction/baseline.yaml")));
    }

    private static string Read(string path) => File.ReadAllText(Path.Combine(Repository.Root, "profiles", path));
}
