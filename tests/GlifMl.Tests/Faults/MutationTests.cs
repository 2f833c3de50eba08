using System.Diagnostics;
using GlifMl.Tests.Datasets;
using Xunit.Abstractions;

namespace GlifMl.Tests.Faults;

/// <summary>
/// Files of every kind that the program reads, damaged: each is read, or refused in lines that say so, within seconds, and in memory that
/// its size explains. <c>GLIFML_MUTATIONS=100000</c> makes a night of it; what fails is kept in the system's folder for temporary files.
/// </summary>
public sealed class MutationTests(ITestOutputHelper output) : IDisposable
{
    // What hangs, hangs for ever; a busy machine may take its time.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // Allocated over the whole of a reading, not held at once: pages of a shard are decoded one after the other.
    private const long MostBytes = 1L << 30;

    // HDF5 is read on a thread of its own. What all threads allocate says something where no other test runs beside this one.
    private static readonly bool IsAlone = Environment.GetEnvironmentVariable("GLIFML_MUTATIONS") is { Length: > 0 };

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> AllKinds => [.. MutatedKind.All.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(AllKinds))]
    public void Read_DamagedFile_IsReadOrRefusedInLines(string name)
    {
        var (kind, place) = MutatedKind.All.Select((kind, place) => (kind, place)).Single(pair => pair.kind.Name == name);
        var seeds = kind.Seeds(_folder);
        Random random = new(FaultOptions.Seed + place);
        var (codes, slowest, most) = (new int[3], TimeSpan.Zero, 0L);
        try
        {
            foreach (var (file, whole) in seeds)
            {
                File.WriteAllBytes(_folder[file], whole);
                var (code, error, _, _) = Read(kind, _folder[file]);
                Assert.True(code == 0, $"{name}: found {file} refused: {error}; expected what is whole to be read");
            }

            for (var trial = 0; trial < (FaultOptions.Mutations / MutatedKind.All.Count) + 1; trial++)
            {
                var (file, whole) = seeds[random.Next(seeds.Count)];
                var damaged = kind.Damage(whole, random);
                File.WriteAllBytes(_folder[file], damaged);
                var (code, error, took, bytes) = Read(kind, _folder[file]);
                (slowest, most) = (took > slowest ? took : slowest, Math.Max(most, bytes));
                if (Complaint(code, error, took, bytes) is { } complaint)
                {
                    var kept = Path.Combine(Path.GetTempPath(), $"glifml-mutation-{name}-{FaultOptions.Seed}-{trial}-{file}");
                    File.WriteAllBytes(kept, damaged);
                    Assert.Fail($"{name}, trial {trial}, kept as {kept}: {complaint}");
                }

                codes[code!.Value]++;
            }
        }
        finally
        {
            using var process = Process.GetCurrentProcess();
            FaultOptions.Report(
                output,
                $"| {name} | {codes.Sum()} | {codes[0]} | {codes[2]} | {codes[1]} | {slowest.TotalSeconds:F2} s | {most / 1e6:F0} MB | "
                    + $"{process.PeakWorkingSet64 >> 20} MiB |"
            );
        }

        Assert.NotEqual(0, codes[2]);
    }

    private static string? Complaint(int? code, string error, TimeSpan took, long bytes) =>
        code is null ? $"found no end within {Patience.TotalSeconds} s"
        : bytes > MostBytes ? $"allocated {bytes / 1e6:F0} MB: {error}"
        : took > Patience / 2 ? $"took {took.TotalSeconds:F0} s: {error}"
        : MutatedKind.Complaint(code.Value, error);

    private static (int? Code, string Error, TimeSpan Took, long Bytes) Read(MutatedKind kind, string path)
    {
        var (code, error, bytes) = ((int?)null, "", 0L);
        var reader = new Thread(() =>
        {
            var before = Allocated();
            (code, error) = kind.Read(path);
            bytes = Allocated() - before;
        })
        {
            IsBackground = true,
        };
        var watch = Stopwatch.StartNew();
        reader.Start();
        reader.Join(Patience);
        return (code, error, watch.Elapsed, bytes);
    }

    private static long Allocated() => IsAlone ? GC.GetTotalAllocatedBytes() : GC.GetAllocatedBytesForCurrentThread();
}
