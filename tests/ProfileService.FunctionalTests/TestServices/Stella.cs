using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Tests.Shared;
using StellaOps.Telemetry.Tests.Shared.Processes;
using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.ProfileService.FunctionalTests.TestServices;

/// <summary>The real command line, run against the service under test by somebody with a token.</summary>
internal sealed class Stella(ProfileServiceFixture fixture, string person, params string[] scopes)
{
    public Task<ToolResult> RunAsync(params string[] arguments) => ExternalTool.RunAsync(
        "dotnet",
        [BuiltProgram.Find("Cli"), "telemetry", .. arguments, "--url", $"{KnownServices.ProfileService}={fixture.Service.Url}"],
        Repository.Root,
        new Dictionary<string, string> { ["STELLA_TOKEN"] = fixture.Issuer.Mint(person, "*", scopes), ["STELLA_STATE"] = Path.GetTempPath(), ["CI"] = "true" });
}
