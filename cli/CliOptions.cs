using System.CommandLine;
using StellaOps.Telemetry.Cli.Output;

namespace StellaOps.Telemetry.Cli;

/// <summary>Options that every command has.</summary>
internal static class CliOptions
{
    public static readonly Option<OutputFormat> Output = new("--output")
    {
        Description = "How data is printed: table, json or yaml.",
        DefaultValueFactory = _ => OutputFormat.Table,
        Recursive = true,
        HelpName = "table|json|yaml",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (text is "table" or "json" or "yaml")
            {
                return Enum.Parse<OutputFormat>(text, ignoreCase: true);
            }

            result.AddError($"--output: '{text}' is none of table, json, yaml.");
            return default;
        },
    };

    public static readonly Option<string[]> Url = new("--url")
    {
        Description = "Where the service listens, instead of what the environment or .stella/endpoints.json says. 'name=URL' names one service.",
        Recursive = true,
        HelpName = "URL",
    };

    public static readonly Option<string?> State = new("--state")
    {
        Description = "The stack's .stella folder, instead of the one found upward from here.",
        Recursive = true,
        HelpName = "DIR",
    };

    public static readonly Option<string?> TokenFile = new("--token-file")
    {
        Description = "File with the bearer token, instead of STELLA_TOKEN.",
        Recursive = true,
        HelpName = "FILE",
    };
}
