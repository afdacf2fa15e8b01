using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>All faults at once, each with its key and the fix.</summary>
internal sealed class ValidateIntegrityOptions : IValidateOptions<IntegrityOptions>
{
    private static readonly TimeSpan s_second = TimeSpan.FromSeconds(1);

    public ValidateOptionsResult Validate(string? name, IntegrityOptions options)
    {
        var faults = new List<string>();
        var (roots, compaction, scrub) = (options.Roots, options.Compaction, options.Scrub);
        Check(roots.Interval >= s_second, "Roots__Interval", roots.Interval, "take at least 1 s");
        Check(roots.Settle >= TimeSpan.Zero, "Roots__Settle", roots.Settle, "take 0 or more");
        Check(roots.Days is >= 1 and <= 3650, "Roots__Days", roots.Days, "take 1 to 3650");
        Check(compaction.Interval >= s_second, "Compaction__Interval", compaction.Interval, "take at least 1 s");
        Check(compaction.Settle >= TimeSpan.Zero, "Compaction__Settle", compaction.Settle, "take 0 or more");
        Check(compaction.Days is >= 1 and <= 3650, "Compaction__Days", compaction.Days, "take 1 to 3650");
        Check(compaction.SmallBytes > 0, "Compaction__SmallBytes", compaction.SmallBytes, "take more than 0");
        Check(compaction.MostContentBytes > 0, "Compaction__MostContentBytes", compaction.MostContentBytes, "take more than 0");
        Check(compaction.LeastChunks >= 2, "Compaction__LeastChunks", compaction.LeastChunks, "take at least 2");
        Check(scrub.Every >= TimeSpan.Zero, "Scrub__Every", scrub.Every, "take 0 (never by itself) or more");
        Check(scrub.BytesPerSecond > 0, "Scrub__BytesPerSecond", scrub.BytesPerSecond, "take more than 0");
        Check(scrub.Settle >= TimeSpan.Zero, "Scrub__Settle", scrub.Settle, "take 0 or more");
        Check(scrub.Lease >= s_second, "Scrub__Lease", scrub.Lease, "take at least 1 s");
        Check(scrub.PollInterval > TimeSpan.Zero, "Scrub__PollInterval", scrub.PollInterval, "take more than 0");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(bool holds, string key, object value, string fix)
        {
            if (!holds)
            {
                faults.Add($"{IntegrityOptions.Section.Replace(":", "__", StringComparison.Ordinal)}__{key} is '{value}': {fix}");
            }
        }
    }
}
