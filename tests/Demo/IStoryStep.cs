namespace StellaOps.Telemetry.Demo;

/// <summary>One step of the story: it holds, and tells what was measured, or throws <see cref="StoryException"/>.</summary>
internal interface IStoryStep
{
    /// <summary>What is shown before the measurement.</summary>
    string Name { get; }

    /// <returns>What was measured, in one line.</returns>
    Task<string> RunAsync(StoryContext context, CancellationToken cancellationToken);
}

/// <summary>A step did not hold.</summary>
internal sealed class StoryException(string message) : Exception(message)
{
    /// <summary>Throws unless the condition holds.</summary>
    public static void ThrowUnless(bool condition, string message)
    {
        if (!condition)
        {
            throw new StoryException(message);
        }
    }
}
