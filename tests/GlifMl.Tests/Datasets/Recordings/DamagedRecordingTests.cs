using System.Diagnostics;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Datasets;

/// <summary>
/// A recording that nobody vouches for may hold anything where its structure should be: it is read, or refused in one line that names it,
/// soon, and with little memory.
/// </summary>
[Collection(AloneTests.Name)]
public sealed class DamagedRecordingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Live memory after a hundred damaged files, of this test alone, beside which nothing runs; a fixture takes less than a megabyte.
    private const long MostLiveBytes = 256L << 20;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("nwb1-allen", 200)]
    [InlineData("nwb2-sweep-table", 200)]
    [InlineData("nwb2-recordings-table", 150)]
    [InlineData("abf1", 150)]
    [InlineData("abf2", 200)]
    [InlineData("igor", 100)]
    public void Open_DamagedFile_IsReadOrRefusedInOneLine(string kind, int trials)
    {
        var whole = kind switch
        {
            "abf1" => RecordingFixtures.Abf1(Sweeps),
            "abf2" => RecordingFixtures.Abf2(Sweeps),
            "igor" => RecordingFixtures.Igor([.. Sweeps[0].Select(v => (double)v)], "millivolt"),
            _ => File.ReadAllBytes(RecordingFixtures.Nwb(kind)),
        };
        var random = new Random(kind.Length + trials);
        var path = _folder[
            kind
                + (
                    kind.StartsWith("nwb", StringComparison.Ordinal) ? ".nwb"
                    : kind == "igor" ? ".ibw"
                    : ".abf"
                )
        ];
        var (refused, slowest) = (0, TimeSpan.Zero);
        for (var trial = 0; trial < trials; trial++)
        {
            File.WriteAllBytes(path, Damaged(whole, random, kind.StartsWith("abf", StringComparison.Ordinal) ? 6144 : whole.Length));
            var watch = Stopwatch.StartNew();
            if (Refusal(path) is { } message)
            {
                refused++;
                Assert.StartsWith(path, message, StringComparison.Ordinal);
                Assert.DoesNotContain('\n', message);
                Assert.True(message.Length < path.Length + 400, message);
            }
            slowest = watch.Elapsed > slowest ? watch.Elapsed : slowest;
        }

        Assert.InRange(refused, 1, trials);
        Assert.True(slowest < Patience, $"{kind}: {slowest}");
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) < MostLiveBytes);
    }

    // Found among damaged files: PureHDF made an array of some gigabytes for each.
    [Theory]
    [InlineData("a name of a link as long as eight bytes can say", 35206, 0xFF)]
    [InlineData("an object of a heap that goes on behind the heap", 553, 1, 555, 0, 556, 0, 4808, 0x0E, 4983, 0x98, 4984, 0x93)]
    [InlineData("an attribute whose type has two gigabytes", 11180, 0x70)]
    public void Open_ALengthThatPureHdfBelieves_IsRefusedBeforeMemoryIsTaken(string what, params int[] places)
    {
        var bytes = File.ReadAllBytes(RecordingFixtures.Nwb("nwb2-sweep-table"));
        foreach (var pair in places.Chunk(2))
            bytes[pair[0]] = (byte)pair[1];
        File.WriteAllBytes(_folder["x.nwb"], bytes);

        var before = GC.GetTotalAllocatedBytes();
        var refusal = Refusal(_folder["x.nwb"]);
        Assert.True(GC.GetTotalAllocatedBytes() - before < MostLiveBytes, $"{what}: {refusal}");
        Assert.NotNull(refusal);
    }

    private static short[][] Sweeps => [.. Enumerable.Range(0, 2).Select(k => RecordingFixtures.Volts(k))];

    // What refuses it; null where every sweep is read, or says itself why it cannot be.
    private static string? Refusal(string path)
    {
        try
        {
            using var file = RecordingFile.Open(path);
            foreach (var sweep in file.Sweeps.Where(sweep => sweep.Refusal is null))
                sweep.Load();
            return null;
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }
    }

    private static byte[] Damaged(byte[] whole, Random random, int within)
    {
        byte[] copy = [.. whole];
        switch (random.Next(5))
        {
            case 0:
                return copy[..random.Next(copy.Length)];
            case 1:
                var start = random.Next(within);
                copy.AsSpan(start, Math.Min(random.Next(1, 64), copy.Length - start)).Fill((byte)random.Next(256));
                return copy;
            default:
                for (var damages = random.Next(1, 12); damages > 0; damages--)
                    copy[random.Next(within)] = (byte)(
                        random.Next(2) == 0 ? random.Next(256) : copy[random.Next(within)] ^ (1 << random.Next(8))
                    );
                return copy;
        }
    }
}
