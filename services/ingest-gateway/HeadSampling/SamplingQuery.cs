using System.Globalization;
using Microsoft.Net.Http.Headers;
using StellaOps.Telemetry.Contracts.Sampling;

namespace StellaOps.Telemetry.IngestGateway.HeadSampling;

/// <summary>What is asked: <c>?service=checkout&amp;wait=20</c>, and what the sender knows already.</summary>
internal readonly record struct SamplingQuery(string Service, TimeSpan Wait, IList<EntityTagHeaderValue> Known)
{
    public static bool TryRead(HttpRequest request, out SamplingQuery query)
    {
        var service = request.Query["service"];
        var wait = request.Query["wait"];
        var seconds = 0;
        if (service.Count != 1 || service[0] is not { Length: > 0 and <= KnownSamplingRoutes.MaxServiceName } name
            || wait.Count > 1
            || (wait.Count == 1 && !int.TryParse(wait[0], NumberStyles.None, CultureInfo.InvariantCulture, out seconds))
            || seconds > KnownSamplingRoutes.MaxWaitSeconds)
        {
            query = default;
            return false;
        }

        query = new SamplingQuery(name, TimeSpan.FromSeconds(seconds), request.GetTypedHeaders().IfNoneMatch);
        return true;
    }

    public bool Knows(HeadStrategy strategy)
    {
        foreach (var tag in Known)
        {
            if (tag.Tag == strategy.ETag)
            {
                return true;
            }
        }

        return false;
    }
}
