namespace StellaOps.Telemetry.CaptureWorker.Integrity;

/// <summary>Section <c>Stella:Archive</c>, beside the archive's place.</summary>
internal sealed class IntegrityOptions
{
    public const string Section = "Stella:Archive";

    public RootOptions Roots { get; set; } = new();

    public CompactionOptions Compaction { get; set; } = new();

    public ScrubOptions Scrub { get; set; } = new();

    /// <summary>Day roots.</summary>
    public sealed class RootOptions
    {
        public bool Enabled { get; set; } = true;

        /// <summary>How often days are looked at.</summary>
        public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>How long after a day's end its first root is written. What comes later, another root answers for.</summary>
        public TimeSpan Settle { get; set; } = TimeSpan.FromMinutes(30);

        /// <summary>Days back that are looked at each time; all of them once a day.</summary>
        public int Days { get; set; } = 7;
    }

    /// <summary>Joining small chunks.</summary>
    public sealed class CompactionOptions
    {
        public bool Enabled { get; set; } = true;

        public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

        /// <summary>How long after an hour's end its chunks are joined.</summary>
        public TimeSpan Settle { get; set; } = TimeSpan.FromHours(1);

        /// <summary>Days back that are looked at each time.</summary>
        public int Days { get; set; } = 2;

        /// <summary>Chunks of at most so many stored bytes are joined.</summary>
        public long SmallBytes { get; set; } = 8 * 1024 * 1024;

        /// <summary>Content of a joined chunk at most, uncompressed.</summary>
        public long MostContentBytes { get; set; } = 256 * 1024 * 1024;

        /// <summary>Fewer are left alone.</summary>
        public int LeastChunks { get; set; } = 4;

        /// <summary>Where frames wait while they are joined; empty: the system's folder for such files.</summary>
        public string SpoolPath { get; set; } = "";
    }

    /// <summary>Scrubs.</summary>
    public sealed class ScrubOptions
    {
        /// <summary>How often the whole archive is scrubbed; zero: only when somebody asks.</summary>
        public TimeSpan Every { get; set; } = TimeSpan.FromDays(7);

        /// <summary>How fast a scheduled scrub reads at most; one that somebody asked for does not wait.</summary>
        public long BytesPerSecond { get; set; } = 32 * 1024 * 1024;

        /// <summary>How long after an hour's end its segments may still lack their manifests.</summary>
        public TimeSpan Settle { get; set; } = TimeSpan.FromDays(1);

        /// <summary>How long a scrub stays a worker's without a sign of life.</summary>
        public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

        /// <summary>How often an idle worker looks for scrubs.</summary>
        public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);
    }
}
