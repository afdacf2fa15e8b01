using System.Globalization;

namespace StellaOps.Telemetry.Benchmarks.Harness.Captures;

/// <summary>What <c>eng/capture-scale.sh</c> is asked for.</summary>
internal sealed record CaptureScaleOptions
{
    /// <summary>In the whole archive.</summary>
    public long Spans { get; private init; } = 50_000_000;

    /// <summary>Who share the spans evenly, all in one hour.</summary>
    public int Tenants { get; private init; } = 5;

    /// <summary>Who share each tenant's spans evenly, in the order of acceptance.</summary>
    public int Gateways { get; private init; } = 3;

    /// <summary>Captures of the same hour, one after the other, each by a worker of its own.</summary>
    public int Captures { get; private init; } = 1;

    /// <summary>What the worker's memory may have been at most.</summary>
    public double MemoryLimitMiB { get; private init; } = 500;

    public string Folder { get; private init; } = Path.Combine(Workspace.Root, "captures");

    /// <summary>More environment of the worker.</summary>
    public IReadOnlyList<(string Key, string Value)> Settings { get; private init; } = [];

    /// <exception cref="ArgumentException">An option is unknown.</exception>
    /// <exception cref="FormatException">A value is none.</exception>
    public static CaptureScaleOptions Parse(string[] args)
    {
        var options = new CaptureScaleOptions();
        for (var i = 0; i < args.Length; i++)
        {
            options = args[i] switch
            {
                "--spans" => options with { Spans = (long)double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--tenants" => options with { Tenants = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--gateways" => options with { Gateways = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--captures" => options with { Captures = int.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--limit" => options with { MemoryLimitMiB = double.Parse(args[++i], CultureInfo.InvariantCulture) },
                "--folder" when !Directory.Exists(args[++i]) => options with { Folder = Path.GetFullPath(args[i]) },
                "--set" when args[++i].Split('=', 2) is [var key, var value] => options with { Settings = [.. options.Settings, (key, value)] },
                var unknown => throw new ArgumentException($"unknown option {unknown}"),
            };
        }

        return options.Tenants is >= 1 and <= 1000 && options.Gateways is >= 1 and <= 100 && options.Captures >= 1 && options.Spans >= options.Tenants * 100
            ? options
            : throw new ArgumentException("take 1 to 1000 tenants, 1 to 100 gateways, at least one capture and 100 spans a tenant");
    }
}
