using Microsoft.Extensions.Options;

namespace StellaOps.Telemetry.CaptureWorker.Search;

/// <summary>Section <c>Stella:Search</c>: searches and exports of the archive.</summary>
internal sealed class SearchOptions
{
    public const string Section = "Stella:Search";

    /// <summary>Searches and exports at once; more are refused.</summary>
    public int MaxConcurrent { get; set; } = 4;

    /// <summary>Of these, one tenant's: nobody's searches keep all others away.</summary>
    public int MaxConcurrentPerTenant { get; set; } = 2;

    /// <summary>Segments that one search reads at once.</summary>
    public int Parallelism { get; set; } = Environment.ProcessorCount;

    /// <summary>Memory of one search for records that were found and wait for earlier ones, in bytes.</summary>
    public long MaxHeldBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>The most records that one search shows.</summary>
    public int MaxLimit { get; set; } = 100_000;

    /// <summary>The longest window.</summary>
    public TimeSpan MaxWindow { get; set; } = TimeSpan.FromDays(31);

    /// <summary>All faults at once.</summary>
    public sealed class Validator : IValidateOptions<SearchOptions>
    {
        public ValidateOptionsResult Validate(string? name, SearchOptions options)
        {
            var faults = new List<string>();
            Check(options.MaxConcurrent > 0, nameof(options.MaxConcurrent), options.MaxConcurrent, "take at least 1");
            Check(options.MaxConcurrentPerTenant > 0, nameof(options.MaxConcurrentPerTenant), options.MaxConcurrentPerTenant, "take at least 1");
            Check(options.Parallelism > 0, nameof(options.Parallelism), options.Parallelism, "take at least 1");
            Check(options.MaxHeldBytes >= 1024 * 1024, nameof(options.MaxHeldBytes), options.MaxHeldBytes, "take at least 1 MiB");
            Check(options.MaxLimit > 0, nameof(options.MaxLimit), options.MaxLimit, "take at least 1");
            Check(options.MaxWindow > TimeSpan.Zero, nameof(options.MaxWindow), options.MaxWindow, "take more than 0");
            return faults.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(faults);

            void Check(bool holds, string key, object value, string fix)
            {
                if (!holds)
                {
                    faults.Add($"Stella__Search__{key} is '{value}': {fix}");
                }
            }
        }
    }
}
