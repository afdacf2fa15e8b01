using StellaOps.Telemetry.Tests.Shared.Stack;

namespace StellaOps.Telemetry.Demo.Steps;

/// <summary>Our verifier and, where present, stock cosign verify the bundle without a network; one changed byte is found by both.</summary>
internal sealed class VerifyStep : IStoryStep
{
    public string Name => "verify";

    public async Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        var bundle = context.Original;
        var publicKey = context.Stack.EvidenceKey;
        var ours = await context.Stack.Stella.TelemetryAsync("verify", bundle.Archives[0], "--key", publicKey, "--output", "json");
        StoryException.ThrowUnless(ours.ExitCode == 0, "our verifier refuses the bundle: " + ours.Error + ours.Output);
        var changed = context.NewFolder("changed");
        bundle.CopyWithOneByteChanged(changed);
        var refused = await context.Stack.Stella.TelemetryAsync("verify", Path.Combine(changed, Path.GetFileName(bundle.Archives[0])), "--key", publicKey);
        StoryException.ThrowUnless(refused.ExitCode == 3, $"our verifier ended with {refused.ExitCode}, not 3, on a bundle with one changed byte");

        var cosign = new List<string>();
        foreach (var tool in Cosign.FindAll())
        {
            StoryException.ThrowUnless(await tool.VerifiesAsync(bundle, publicKey), $"{tool} refuses the bundle");
            StoryException.ThrowUnless(!await tool.VerifiesAsync(bundle.In(changed), publicKey), $"{tool} accepts one changed byte");
            cosign.Add(tool.ToString());
        }

        return "our verifier accepts it and refuses one changed byte; " + (cosign.Count == 0 ? "no cosign on this machine (eng/tools.sh cosign)" : "so " + (cosign.Count == 1 ? "does" : "do") + " stock " + string.Join(" and ", cosign) + ", offline");
    }
}
