using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.CaptureWorker.Jobs;

/// <summary>All faults at once, each with its key and the fix.</summary>
internal sealed class ValidateCaptureOptions : IValidateOptions<CaptureOptions>
{
    public ValidateOptionsResult Validate(string? name, CaptureOptions options)
    {
        var faults = new List<string>();
        Check(!string.IsNullOrWhiteSpace(options.BundlePath), nameof(options.BundlePath), options.BundlePath, "name a folder for finished bundles");
        Check(!string.IsNullOrWhiteSpace(options.WorkerName), nameof(options.WorkerName), options.WorkerName, "give this worker a name that no other one has");
        Check(options.Lease >= TimeSpan.FromSeconds(1), nameof(options.Lease), options.Lease, "take at least 1 s");
        Check(options.PollInterval > TimeSpan.Zero, nameof(options.PollInterval), options.PollInterval, "take more than 0");
        Check(options.PromotionTimeout > TimeSpan.Zero, nameof(options.PromotionTimeout), options.PromotionTimeout, "take more than 0");
        Check(options.Settle >= TimeSpan.Zero, nameof(options.Settle), options.Settle, "take 0 or more");
        Check(options.MaxAttempts > 0, nameof(options.MaxAttempts), options.MaxAttempts, "take at least 1");
        Check(options.SortBlockBytes is >= 64 * 1024 and <= 1024 * 1024 * 1024, nameof(options.SortBlockBytes), options.SortBlockBytes, "take 64 KiB to 1 GiB");
        Check(options.MaxWindow > TimeSpan.Zero, nameof(options.MaxWindow), options.MaxWindow, "take more than 0");
        Check(options.MaxContentBytes > 0, nameof(options.MaxContentBytes), options.MaxContentBytes, "take more than 0");
        Check(options.MaxDuration >= TimeSpan.FromSeconds(1), nameof(options.MaxDuration), options.MaxDuration, "take at least 1 s");
        Check(options.MaxEventClients > 0, nameof(options.MaxEventClients), options.MaxEventClients, "take at least 1");
        Check(options.MaxAhead >= TimeSpan.Zero, nameof(options.MaxAhead), options.MaxAhead, "take 0 or more");
        return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

        void Check(bool holds, string key, object value, string fix)
        {
            if (!holds)
            {
                faults.Add($"{CaptureOptions.KeyOf(key)} is '{value}': {fix}");
            }
        }
    }
}
