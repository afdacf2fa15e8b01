using StellaOps.Telemetry.Otlp.Fields;
using StellaOps.Telemetry.Otlp.Wire;

namespace StellaOps.Telemetry.Otlp;

/// <summary>What surrounds a data point in its metric, as slices of the request. "Before" and "after" are whole fields.</summary>
public readonly ref struct MetricHeader
{
    /// <summary>Fields of the Metric that precede its data (name, description, unit, ...).</summary>
    public ReadOnlySpan<byte> Before { get; init; }

    /// <summary>Fields of the Metric that follow its data.</summary>
    public ReadOnlySpan<byte> After { get; init; }

    /// <summary>Number of the data field: gauge, sum, histogram, exponential histogram or summary. 0 when there is no metric.</summary>
    public int DataField { get; init; }

    /// <summary>Fields of the data that precede its first point.</summary>
    public ReadOnlySpan<byte> DataBefore { get; init; }

    /// <summary>Fields of the data that follow its last point (temporality, monotonic).</summary>
    public ReadOnlySpan<byte> DataAfter { get; init; }

    /// <summary>The metric's name; empty when it has none.</summary>
    public ReadOnlySpan<byte> Name
    {
        get
        {
            var name = LastName(After);
            return name.IsEmpty ? LastName(Before) : name;
        }
    }

    private static ReadOnlySpan<byte> LastName(ReadOnlySpan<byte> fields)
    {
        ReadOnlySpan<byte> name = default;
        var reader = new WireReader(fields);
        while (reader.TryReadField())
        {
            if (reader.FieldNumber == MetricsFields.Metric.Name && reader.WireType == WireType.LengthDelimited)
            {
                name = reader.Content;
            }
        }

        return name;
    }
}
