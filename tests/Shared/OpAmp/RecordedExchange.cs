using StellaOps.Telemetry.OpAmp.Model;
using StellaOps.Telemetry.Tests.Shared.Processes;

namespace StellaOps.Telemetry.Tests.Shared.OpAmp;

/// <summary>What the recorded exchanges have in common, so that a server can be brought to where it was when they were recorded.</summary>
public static class RecordedExchange
{
    /// <summary>What the server offers. Large enough to be compressed.</summary>
    public static AgentRemoteConfig Offer { get; } = StellaOps.Telemetry.OpAmp.ConfigHash.Offer(TestAgents.Files("recorded: true\n" + string.Concat(Enumerable.Range(0, 100).Select(i => $"line_{i}: {i}\n"))));

    /// <summary>Where a recording is kept.</summary>
    public static string PathOf(string name) => Path.Combine(Repository.Root, "tests", "OpAmp.Tests", "exchanges", name + ".txt");

    /// <summary>Keeps a recording in the place of what was there, where <c>OPAMP_RECORD=true</c> says so.</summary>
    public static void KeepIfAsked(string name, string title, IEnumerable<ExchangeUnit> units)
    {
        if (Environment.GetEnvironmentVariable("OPAMP_RECORD") == "true")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(name))!);
            ExchangeFile.Write(PathOf(name), title, units);
        }
    }

    /// <summary>What a unit says, without the bytes that differ from run to run: masks of frames, headers that name a client's version.</summary>
    public static string Meaning(this ExchangeUnit unit) => unit.AsFrame() is { } frame
        ? $"{unit.IsFromClient} opcode {frame.Opcode} {Convert.ToHexString(frame.Payload)}"
        : $"{unit.IsFromClient} {(unit.IsFromClient ? unit.Head()[..unit.Head().IndexOf('\r', StringComparison.Ordinal)] : unit.Head())} {Convert.ToHexString(unit.Body())}";
}
