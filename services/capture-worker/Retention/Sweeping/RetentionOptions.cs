using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.CaptureWorker.Retention.Sweeping;

/// <summary>Section <c>Stella:Retention</c>. What is kept how long stands in the site's profile.</summary>
internal sealed class RetentionOptions
{
    public const string Section = "Stella:Retention";

    /// <summary>Whether this worker deletes; others may, and the plan can be seen either way.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>From the end of one sweep to the next.</summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Chunks that are written down and then removed together.</summary>
    public int BatchChunks { get; set; } = 64;

    /// <summary>How long a batch stays this worker's. Another one finishes it afterwards.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How far this machine's clock and the database's may be apart; further, and nothing is deleted.</summary>
    public TimeSpan MaxClockSkew { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>All faults at once, each with its key and the fix.</summary>
    public sealed class Validator : IValidateOptions<RetentionOptions>
    {
        public ValidateOptionsResult Validate(string? name, RetentionOptions options)
        {
            var faults = new List<string>();
            Check(options.Interval >= TimeSpan.FromMilliseconds(10), nameof(options.Interval), options.Interval, "take at least 10 ms");
            Check(options.BatchChunks is > 0 and <= 1000, nameof(options.BatchChunks), options.BatchChunks, "take 1 to 1000");
            Check(options.Lease >= TimeSpan.FromSeconds(1), nameof(options.Lease), options.Lease, "take at least 1 s");
            Check(options.MaxClockSkew > TimeSpan.Zero, nameof(options.MaxClockSkew), options.MaxClockSkew, "take more than 0");
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

            void Check(bool holds, string key, object value, string fix)
            {
                if (!holds)
                {
                    faults.Add($"Stella__Retention__{key} is '{value}': {fix}");
                }
            }
        }
    }
}
