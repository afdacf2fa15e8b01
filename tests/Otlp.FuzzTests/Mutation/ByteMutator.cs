namespace StellaOps.Telemetry.Otlp.FuzzTests.Mutation;

/// <summary>Changes bytes without knowing what they mean.</summary>
internal static class ByteMutator
{
    private static readonly byte[] s_telling = [0, 1, 2, 0x0A, 0x12, 0x1A, 0x7F, 0x80, 0xFF, (byte)'"', (byte)'\\', (byte)'{', (byte)'}', (byte)'[', (byte)',', (byte)'0'];

    public static byte[] Change(byte[] bytes, Random random)
    {
        var changed = new List<byte>(bytes);
        for (var left = random.Next(1, 4); left > 0 && changed.Count > 0; left--)
        {
            var at = random.Next(changed.Count);
            var count = Math.Min(random.Next(1, 9), changed.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    changed[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    changed[at] = (byte)random.Next(256);
                    break;
                case 2:
                    changed[at] = s_telling[random.Next(s_telling.Length)];
                    break;
                case 3:
                    changed.Insert(at, s_telling[random.Next(s_telling.Length)]);
                    break;
                case 4:
                    changed.RemoveRange(at, count);
                    break;
                case 5:
                    changed.InsertRange(random.Next(changed.Count), changed.GetRange(at, count));
                    break;
                default:
                    changed.RemoveRange(at, random.Next(20) == 0 ? changed.Count - at : 1);
                    break;
            }
        }

        return [.. changed];
    }
}
