using StellaOps.Telemetry.Profiles.Validation;
using YamlDotNet.RepresentationModel;

namespace StellaOps.Telemetry.Profiles.Loading;

/// <summary>Collects the faults of one document.</summary>
internal sealed class FaultList(string file)
{
    private readonly List<ProfileFault> _faults = [];

    public bool IsEmpty => _faults.Count == 0;

    public void Add(YamlNode at, string path, string problem, string fix) => Add((int)at.Start.Line, (int)at.Start.Column, path, problem, fix);

    public void Add(int line, int column, string path, string problem, string fix) =>
        _faults.Add(new ProfileFault(file, Math.Max(line, 1), Math.Max(column, 1), path, problem, fix));

    public IReadOnlyList<ProfileFault> InOrder() => [.. _faults.OrderBy(f => f.Line).ThenBy(f => f.Column)];
}
