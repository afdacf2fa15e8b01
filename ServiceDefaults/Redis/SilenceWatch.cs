using System.Diagnostics;

namespace StellaOps.Telemetry.ServiceDefaults.Redis;

/// <summary>
/// Tells when a connection on which nothing comes, though it is asked, has to be given up for another: a network may have forgotten it, which nobody
/// would be told of for minutes. Goes by the real clock, as networks do.
/// </summary>
internal sealed class SilenceWatch(TimeSpan patience)
{
    private long _lastAnswer = Stopwatch.GetTimestamp();

    /// <summary>Takes note of how something that was asked went; null: it was answered. True: give the connection up, which is said once for each silence.</summary>
    public bool IsSilent(Exception? failure)
    {
        if (failure is not null && (failure is not TimeoutException || Stopwatch.GetElapsedTime(Volatile.Read(ref _lastAnswer)) <= patience))
        {
            return false;
        }

        Volatile.Write(ref _lastAnswer, Stopwatch.GetTimestamp());
        return failure is not null;
    }
}
