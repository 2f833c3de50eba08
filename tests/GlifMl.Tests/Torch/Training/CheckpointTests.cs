using CsCheck;
using GlifMl.Tests.Datasets;
using GlifMl.Torch;

namespace GlifMl.Tests.Torch.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string File => Path.Combine(_folder.Path, "checkpoint", "last.ckpt");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Load_Saved_GivesItBackToTheBit()
    {
        var saved = Checkpoint();
        saved.Save(File);
        var loaded = GlifMl.Torch.Checkpoint.Load(File, "run");
        Assert.Equal(saved.History, loaded.History);
        Assert.Equal((saved.BestEpoch, saved.Steps), (loaded.BestEpoch, loaded.Steps));
        Assert.Equal(saved.State, loaded.State);
        Assert.Equal(saved.BestState, loaded.BestState);
        Assert.Equal(saved.FirstMoments, loaded.FirstMoments);
        Assert.Equal(saved.SecondMoments, loaded.SecondMoments);
        Assert.Equal([File], Directory.EnumerateFiles(Path.GetDirectoryName(File)!));
    }

    [Fact]
    public void Load_OtherRun_IsRefused()
    {
        Checkpoint().Save(File);
        Assert.Equal(
            $"{File} belongs to a run with other options or data; leave out --resume to train from the start, or use another --output",
            Fault("another run")
        );
    }

    [Fact]
    public void Load_AnyByteChanged_IsRefused()
    {
        Checkpoint().Save(File);
        var bytes = System.IO.File.ReadAllBytes(File);
        Gen.Int[8, bytes.Length - 1]
            .Select(Gen.Byte[1, 255])
            .Sample(
                change =>
                {
                    var damaged = (byte[])bytes.Clone();
                    damaged[change.Item1] ^= change.Item2;
                    System.IO.File.WriteAllBytes(File, damaged);
                    Assert.Equal($"{File} is damaged; delete it to train from the start", Fault("run"));
                },
                iter: 50,
                threads: 1
            );
    }

    [Theory]
    [InlineData(0, "is not a checkpoint")]
    [InlineData(7, "is not a checkpoint")]
    [InlineData(8, "is damaged")]
    [InlineData(60, "is damaged")]
    [InlineData(-1, "is damaged")]
    public void Load_CutOff_IsRefused(int length, string fault)
    {
        Checkpoint().Save(File);
        var bytes = System.IO.File.ReadAllBytes(File);
        System.IO.File.WriteAllBytes(File, bytes[..(length < 0 ? bytes.Length + length : length)]);
        Assert.Equal($"{File} {fault}; delete it to train from the start", Fault("run"));
    }

    private string Fault(string fingerprint) =>
        Assert.Throws<InvalidDataException>(() => GlifMl.Torch.Checkpoint.Load(File, fingerprint)).Message;

    private static Checkpoint Checkpoint() =>
        new()
        {
            Fingerprint = "run",
            History = [new(1, 0.1 + 0.2, 1.0 / 3, 1e-2, 1.5, 0.25), new(2, 0.1, null, 1e-3, 2.5, 0)],
            BestEpoch = 1,
            Steps = 1L << 40,
            State =
            [
                [1, 2, 255],
                [],
            ],
            BestState =
            [
                [9],
            ],
            FirstMoments =
            [
                [float.Epsilon, -0f, 1f / 3],
            ],
            SecondMoments =
            [
                [float.MaxValue],
            ],
        };
}
