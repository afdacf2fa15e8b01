namespace StellaOps.Telemetry.Evidence.Kits.Pieces;

/// <summary>What came of collecting pieces.</summary>
/// <param name="Have">Pieces that are here and whole, from now and from earlier.</param>
/// <param name="Missing">Numbers of those to be sent again.</param>
/// <param name="Repeated">Files that brought what another one brought too: harmless.</param>
/// <param name="Damaged">Files of this transfer whose content is not what was signed, with the reason: their numbers are missing unless another copy came.</param>
/// <param name="Refused">Pieces that none of the given keys signed, or that claim what cannot be.</param>
/// <param name="Foreign">Pieces of other transfers.</param>
/// <param name="Others">Files that are no pieces.</param>
/// <param name="Files">The delivery's files, when complete.</param>
public sealed record KitTransferReport(
    string Transfer,
    string Kit,
    int Pieces,
    int Have,
    IReadOnlyList<int> Missing,
    IReadOnlyList<string> Repeated,
    IReadOnlyList<string> Damaged,
    IReadOnlyList<string> Refused,
    IReadOnlyList<string> Foreign,
    int Others,
    IReadOnlyList<string> Files)
{
    /// <summary>Whether the delivery is whole.</summary>
    public bool Complete => Missing.Count == 0;

    /// <summary>Missing numbers as a person writes them: <c>3,7-9</c>.</summary>
    public string MissingText => NumbersOf(Missing);

    /// <summary>Numbers in order, runs of them joined.</summary>
    public static string NumbersOf(IReadOnlyList<int> numbers)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var number in numbers)
        {
            if (runs.Count > 0 && runs[^1].Last == number - 1)
            {
                runs[^1] = (runs[^1].First, number);
            }
            else
            {
                runs.Add((number, number));
            }
        }

        return string.Join(',', runs.Select(r => r.First == r.Last ? $"{r.First}" : $"{r.First}-{r.Last}"));
    }
}
