namespace StellaOps.Telemetry.Archive.Tests.TestServices;

/// <summary>A clock that stands; delays pass at once.</summary>
internal sealed class FixedTime(DateTimeOffset now) : TimeProvider
{
    public DateTimeOffset Now { get; set; } = now;

    public override DateTimeOffset GetUtcNow() => Now;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        System.CreateTimer(callback, state, dueTime > TimeSpan.Zero ? TimeSpan.FromTicks(1) : dueTime, period);
}
