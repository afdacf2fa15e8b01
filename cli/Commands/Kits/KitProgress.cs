using Spectre.Console;
using StellaOps.Telemetry.Cli.Output;

namespace StellaOps.Telemetry.Cli.Commands.Kits;

/// <summary>Work on bytes whose number is known: with a bar before a person, with a line each ten seconds otherwise.</summary>
internal static class KitProgress
{
    private static readonly TimeSpan s_period = TimeSpan.FromSeconds(10);

    /// <param name="total">Null when nobody knows.</param>
    /// <param name="isDelta">Whether the work tells what it did since it last told, instead of all of it so far.</param>
    public static async Task<T> RunAsync<T>(CommandContext context, string what, long? total, bool isDelta, Func<IProgress<long>, Task<T>> work)
    {
        if (!context.Host.IsInteractive)
        {
            var (began, shown) = (context.Host.Time.GetTimestamp(), TimeSpan.Zero);
            return await work(new Told(isDelta, done =>
            {
                var elapsed = context.Host.Time.GetElapsedTime(began);
                if (elapsed - shown >= s_period)
                {
                    shown = elapsed;
                    context.Output.Note(total is null ? $"{what}: {ByteSize.Format(done)}" : $"{what}: {ByteSize.Format(done)} of {ByteSize.Format(total.Value)}");
                }
            }));
        }

        return await context.Host.ErrorConsole().Progress().AutoClear(true).StartAsync(async progress =>
        {
            var bar = progress.AddTask(Markup.Escape(what), maxValue: Math.Max(total ?? 0, 1));
            bar.IsIndeterminate = total is null;
            return await work(new Told(isDelta, done => bar.Value = total is null ? 0 : done));
        });
    }

    /// <summary>Told on the thread that works: <see cref="Progress{T}"/> would tell later, out of order.</summary>
    private sealed class Told(bool isDelta, Action<long> show) : IProgress<long>
    {
        private long _done;

        public void Report(long value)
        {
            _done = isDelta ? _done + value : value;
            show(_done);
        }
    }
}
