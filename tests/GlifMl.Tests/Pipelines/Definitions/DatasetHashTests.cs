using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Definitions;

public sealed class DatasetHashTests : IDisposable
{
    private readonly DefinitionFolder _folder = new();

    /// <summary>Pinned: shards on users' disks are found by it, so that a change needs a new generator format version.</summary>
    [Fact]
    public void Compute_SmallDefinition_IsPinned() =>
        Assert.Equal("b582b3b31c65c854315c51d3f95dc651c5a605b369d32ff3874294e40bc840XX", Hash(DefinitionFolder.Valid));

    [Theory]
    [InlineData("epochs: 3", "epochs: 4")]
    [InlineData("name: small", "name: other # a comment")]
    [InlineData("seed: 7", "seed:   7\noutput: elsewhere\ntargets: [C]")]
    [InlineData("C: [1e-10, 2e-10], El: [0, 0.01]", "El: [-0.0, 1e-2], C: [0.1e-9, 0.00000000020]")]
    [InlineData("simulate: 120", "simulate: 120, sampling_rate_hz: 2e5, fill_mv: 3")]
    [InlineData("traces: 6", "traces: 6, sweeps: 1")]
    [InlineData("traces: 6", "traces: 6, source: shards")]
    [InlineData("stimulus: noise-1", "stimulus: {name: noise-1, cv: ~}")]
    [InlineData("stimulus: noise-1", "stimulus: [noise-1]")]
    public void Compute_ChangeThatAltersNoShard_KeepsTheHash(string part, string replacement) =>
        Assert.Equal(Hash(DefinitionFolder.Valid), Hash(Replace(part, replacement)));

    [Theory]
    [InlineData("seed: 7", "seed: 8")]
    [InlineData("2e-10", "3e-10")]
    [InlineData("samples: 100", "samples: 101")]
    [InlineData("simulate: 120", "spike_cuts: keep")]
    [InlineData("simulate: 120", "simulate: 120, spike_cut: time")]
    [InlineData("traces: 6", "traces: 5")]
    [InlineData("traces: 6", "traces: 6, source: simulate")]
    [InlineData("stimulus: noise-1", "stimulus: noise-2")]
    [InlineData("stimulus: noise-1", "stimulus: [noise-1, noise-2]")]
    [InlineData("stimulus: noise-1", "stimulus: [noise-1, noise-1]")]
    [InlineData("stimulus: noise-1", "stimulus: {name: noise-1, cv: 0.3}")]
    [InlineData("  splits:", "  shard_rows: 10\n  splits:")]
    public void Compute_ChangeThatAltersShards_ChangesTheHash(string part, string replacement) =>
        Assert.NotEqual(Hash(DefinitionFolder.Valid), Hash(Replace(part, replacement)));

    [Fact]
    public void Compute_MovedFiles_KeepTheHash()
    {
        var before = Hash(DefinitionFolder.Valid);
        Directory.Move(_folder.At("waves"), _folder.At("currents"));
        File.Move(_folder.At("neuron.json"), _folder.At("currents/cell.json"));

        Assert.Equal(
            before,
            Hash(
                DefinitionFolder
                    .Valid.Replace("neuron.json", "currents/cell.json", StringComparison.Ordinal)
                    .Replace("waves/", "currents/", StringComparison.Ordinal)
            )
        );
    }

    [Theory]
    [InlineData("neuron.json")]
    [InlineData("waves/step.csv")]
    public void Compute_ChangedContents_ChangeTheHash(string file)
    {
        var before = Hash(DefinitionFolder.Valid);
        File.AppendAllText(_folder.At(file), "\n");

        Assert.NotEqual(before, Hash(DefinitionFolder.Valid));
    }

    [Fact]
    public void Compute_WrittenAndLoadedAgain_KeepsTheHash()
    {
        var definition = _folder.Load(DefinitionFolder.Valid);

        Assert.Equal(DatasetHash.Compute(definition), Hash(DefinitionWriter.ToYaml(definition)));
    }

    [Fact]
    public void Difference_TrainingTracesWithoutEnd_AreOfThePopulationOfShards() =>
        Assert.Null(
            DatasetPopulation.Difference([
                _folder.Load(DefinitionFolder.Valid),
                _folder.Load(Replace("traces: 6", "traces: 6, source: simulate")),
            ])
        );

    public void Dispose() => _folder.Dispose();

    private string Hash(string yaml) => DatasetHash.Compute(_folder.Load(yaml));

    private static string Replace(string part, string replacement)
    {
        Assert.Contains(part, DefinitionFolder.Valid, StringComparison.Ordinal);
        return DefinitionFolder.Valid.Replace(part, replacement, StringComparison.Ordinal);
    }
}
