namespace StellaOps.Telemetry.Cli.Commands.Archive;

/// <summary>Says how far something is once it takes longer than two seconds: in one place before a person, a line now and then otherwise.</summary>
internal sealed class SlowNote(CliHost host)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_shortPause = TimeSpan.FromMilliseconds(250);

    private readonly long _started = host.Time.GetTimestamp();
    private long? _told;

    public void Tell(Func<string> text)
    {
        if (host.Time.GetElapsedTime(_started) < s_patience || (_told is { } last && host.Time.GetElapsedTime(last) < (host.IsInteractive ? s_shortPause : s_pause)))
        {
            return;
        }

        _told = host.Time.GetTimestamp();
        host.Error.Write(host.IsInteractive ? $"\r{text()}\u001b[K" : text() + Environment.NewLine);
    }

    /// <summary>Makes room for what comes after it.</summary>
    public void Clear()
    {
        if (host.IsInteractive && _told is not null)
        {
            host.Error.Write("\r\u001b[K");
        }
    }
}
