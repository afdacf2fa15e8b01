using System.Globalization;

namespace StellaOps.Telemetry.AppHost.Local;

/// <summary>What was asked for on the command line.</summary>
/// <param name="PortBase">Null: free ports.</param>
internal sealed record LocalOptions(string StateDirectory, int? PortBase, string Profile, IReadOnlyList<string> Only)
{
    public const string Usage =
        """
        usage: dotnet run --project AppHost -- [--state DIR] [--port-base N | --ports random] [--profile NAME] [--only NAME,...] [--aspire]
          --state DIR        where keys, data and logs live (default: .stella)
          --port-base N      first port (default: 4317, OTLP's own)
          --ports random     free ports; endpoints.json in the state folder says which
          --profile NAME     the document in profiles/ that the gateway runs with (default: default), or the path of another (NAME.yaml)
          --only NAME,...    these resources and what they wait for
          --aspire           the Aspire engine or nothing
        """;

    /// <exception cref="LocalEngineException">Not understood.</exception>
    public static LocalOptions Parse(IReadOnlyList<string> args)
    {
        var options = new LocalOptions(".stella", Plan.Topology.DefaultPortBase, "default", []);
        for (var i = 0; i < args.Count; i++)
        {
            var name = args[i];
            if (name is "--aspire" or "--local")
            {
                continue;
            }

            var value = i + 1 < args.Count ? args[++i] : throw Wrong($"'{name}' needs a value, or is unknown");
            options = name switch
            {
                "--state" => options with { StateDirectory = value },
                "--port-base" => int.TryParse(value, CultureInfo.InvariantCulture, out var port) && port is > 0 and < 65500
                    ? options with { PortBase = port }
                    : throw Wrong($"--port-base '{value}' is not a port"),
                "--ports" => value == "random" ? options with { PortBase = null } : throw Wrong($"--ports '{value}': only 'random' is known"),
                "--profile" => options with { Profile = value },
                "--only" => options with { Only = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) },
                _ => throw Wrong($"'{name}' is unknown"),
            };
        }

        return options;
    }

    /// <summary>The profile's document.</summary>
    public string ProfileFile(string repositoryRoot) => Profile.EndsWith(".yaml", StringComparison.Ordinal)
        ? Path.GetFullPath(Profile)
        : Path.Combine(repositoryRoot, "profiles", Profile + ".yaml");

    private static LocalEngineException Wrong(string what) => new($"{what}; --help says what there is");
}
