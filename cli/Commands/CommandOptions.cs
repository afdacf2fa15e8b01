using System.CommandLine;
using StellaOps.Telemetry.Contracts.Tenants;

namespace StellaOps.Telemetry.Cli.Commands;

/// <summary>Options and arguments that several commands have.</summary>
internal static class CommandOptions
{
    public static Option<TenantId> RequiredTenant() => new("--tenant") { Description = "The tenant.", Required = true, HelpName = "TENANT", CustomParser = ParseTenant };

    public static Option<TenantId?> OptionalTenant(string description) => new("--tenant")
    {
        Description = description,
        HelpName = "TENANT",
        CustomParser = result => ParseTenant(result),
    };

    public static Argument<TenantId> TenantArgument() => new("tenant") { Description = "The tenant's name.", CustomParser = ParseTenant };

    public static Option<string[]> Services() => new("--service")
    {
        Description = "Only this service.name; give it again for more of them.",
        HelpName = "SERVICE",
    };

    private static TenantId ParseTenant(System.CommandLine.Parsing.ArgumentResult result)
    {
        var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
        if (TenantId.TryParse(text, out var tenant))
        {
            return tenant;
        }

        result.AddError($"'{text}' is not a tenant name: 1 to {TenantId.MaxLength} of a-z, 0-9 and '-', not beginning or ending with '-'.");
        return default;
    }
}
