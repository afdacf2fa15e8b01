using System.Diagnostics;
using StellaOps.Telemetry.Demo.Steps;

namespace StellaOps.Telemetry.Demo;

/// <summary>The main job, end to end, step by step; each step builds on what the ones before left in the context.</summary>
internal static class Story
{
    private static readonly IStoryStep[] s_steps =
    [
        new StackStep(),
        new TenantsStep(),
        new TrafficStep(),
        new SamplingStep(),
        new PersonalDataStep(),
        new IncidentStep(),
        new CaptureStep(),
        new VerifyStep(),
        new ReplayStep(),
        new RevertStep(),
    ];

    /// <summary>Runs all steps; stops at the first that does not hold.</summary>
    /// <returns>0 when all held, else 1.</returns>
    public static async Task<int> RunAsync(StoryContext context, CancellationToken cancellationToken)
    {
        var total = Stopwatch.StartNew();
        for (var i = 0; i < s_steps.Length; i++)
        {
            var step = s_steps[i];
            var clock = Stopwatch.StartNew();
            try
            {
                var measured = await step.RunAsync(context, cancellationToken);
                Console.WriteLine($"{i + 1,2}/{s_steps.Length} ok   {step.Name,-12} {measured}  [{clock.Elapsed.TotalSeconds:F1} s]");
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                Console.WriteLine($"{i + 1,2}/{s_steps.Length} FAIL {step.Name,-12} {(e is StoryException ? e.Message : e.ToString())}");
                Console.WriteLine($"state and logs are kept in {context.StateDirectory}");
                context.KeepState = true;
                return 1;
            }
        }

        Console.WriteLine($"the whole story held in {total.Elapsed.TotalSeconds:F0} s");
        return 0;
    }
}
