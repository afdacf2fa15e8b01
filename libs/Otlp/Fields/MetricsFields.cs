namespace StellaOps.Telemetry.Otlp.Fields;

/// <summary>Field numbers of metrics/v1/metrics.proto (https://github.com/open-telemetry/opentelemetry-proto/blob/v1.7.0/opentelemetry/proto/metrics/v1/metrics.proto).</summary>
public static class MetricsFields
{
    /// <summary>Metric.</summary>
    public static class Metric
    {
        public const int Name = 1;
        public const int Description = 2;
        public const int Unit = 3;
        public const int Gauge = 5;
        public const int Sum = 7;
        public const int Histogram = 9;
        public const int ExponentialHistogram = 10;
        public const int Summary = 11;
        public const int Metadata = 12;
    }

    /// <summary>Data.</summary>
    public static class Data
    {
        public const int DataPoints = 1;
        public const int AggregationTemporality = 2;
        public const int IsMonotonic = 3;
    }

    /// <summary>DataPoint.</summary>
    public static class DataPoint
    {
        public const int StartTimeUnixNano = 2;
        public const int TimeUnixNano = 3;
    }

    /// <summary>NumberDataPoint.</summary>
    public static class NumberDataPoint
    {
        public const int AsDouble = 4;
        public const int Exemplars = 5;
        public const int AsInt = 6;
        public const int Attributes = 7;
        public const int Flags = 8;
    }

    /// <summary>HistogramDataPoint.</summary>
    public static class HistogramDataPoint
    {
        public const int Count = 4;
        public const int Sum = 5;
        public const int BucketCounts = 6;
        public const int ExplicitBounds = 7;
        public const int Exemplars = 8;
        public const int Attributes = 9;
        public const int Flags = 10;
        public const int Min = 11;
        public const int Max = 12;
    }

    /// <summary>ExponentialHistogramDataPoint.</summary>
    public static class ExponentialHistogramDataPoint
    {
        public const int Attributes = 1;
        public const int Count = 4;
        public const int Sum = 5;
        public const int Scale = 6;
        public const int ZeroCount = 7;
        public const int Positive = 8;
        public const int Negative = 9;
        public const int Flags = 10;
        public const int Exemplars = 11;
        public const int Min = 12;
        public const int Max = 13;
        public const int ZeroThreshold = 14;
    }

    /// <summary>Buckets.</summary>
    public static class Buckets
    {
        public const int Offset = 1;
        public const int BucketCounts = 2;
    }

    /// <summary>SummaryDataPoint.</summary>
    public static class SummaryDataPoint
    {
        public const int Count = 4;
        public const int Sum = 5;
        public const int QuantileValues = 6;
        public const int Attributes = 7;
        public const int Flags = 8;
    }

    /// <summary>ValueAtQuantile.</summary>
    public static class ValueAtQuantile
    {
        public const int Quantile = 1;
        public const int Value = 2;
    }

    /// <summary>Exemplar.</summary>
    public static class Exemplar
    {
        public const int TimeUnixNano = 2;
        public const int AsDouble = 3;
        public const int SpanId = 4;
        public const int TraceId = 5;
        public const int AsInt = 6;
        public const int FilteredAttributes = 7;
    }
}
