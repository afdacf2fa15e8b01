using System.Collections;
using System.Runtime.InteropServices;

namespace StellaOps.Telemetry.Archive.Export;

/// <summary>Which records of an hour were written: a bit each, in an entry for each batch. What a batch weighs is some thousand times that.</summary>
internal sealed class SeenRecords
{
    private readonly Dictionary<(string GatewayId, ulong Sequence), BitArray> _batches = [];

    /// <summary>The places, in the frame, of those of its records that were not seen before; from now on they are.</summary>
    public List<int> TakeNew(Envelope envelope)
    {
        ref var seen = ref CollectionsMarshal.GetValueRefOrAddDefault(_batches, (envelope.GatewayId, envelope.Sequence), out _);
        seen ??= new BitArray(envelope.RecordCount);
        var places = new List<int>();
        var count = envelope.Kept?.Count ?? envelope.RecordCount;
        for (var place = 0; place < count; place++)
        {
            var index = envelope.Kept?[place].Index ?? place;
            if (index < seen.Length && !seen[index])
            {
                seen[index] = true;
                places.Add(place);
            }
        }

        return places;
    }
}
