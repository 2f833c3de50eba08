using GlifMl.Lstm;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Lstm;

/// <summary>What the kernel's README shows is what runs, and its figures are those of the published measurement.</summary>
public sealed class LstmReadmeTests
{
    private static readonly ReadmeText Readme = new("src/GlifMl.Lstm/README.md");

    [Fact]
    public void Example_OfReadme_Learns()
    {
        var losses = new List<float>();

        var random = new Random(1);
        float[] Numbers(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        LstmWeights Direction() => new(Numbers(20 * 1), Numbers(20 * 5), Numbers(20), Numbers(20)); // 4 gates x 5 hidden units
        var layer = new LstmLayer(inputSize: 1, hiddenSize: 5, Direction(), Direction()); // both directions

        var traces = Numbers(16 * 2_000); // 16 traces of 2,000 samples
        var options = new LstmPassOptions { TimeMean = true, Differentiable = true };
        for (var step = 0; step < 20; step++)
        {
            var pass = layer.Forward(traces, batch: 16, options);
            var loss = pass.TimeMean.Sum(h => (h - 0.1f) * (h - 0.1f));
            losses.Add(loss);
            var gradients = pass.Backward(timeMean: Array.ConvertAll(pass.TimeMean, h => 2 * (h - 0.1f)));
            foreach (var (weights, slope) in layer.Directions.Zip(gradients.Directions))
            {
                for (var n = 0; n < weights.HiddenBias.Length; n++)
                    weights.HiddenBias[n] -= 0.01f * slope.HiddenBias[n]; // the layer's own arrays: the next pass computes with them
            }
        }

        Assert.True(losses[^1] < 0.5f * losses[0], string.Join(" ", losses));
        Readme.AssertCodeIsIn("LstmReadmeTests.Example", "tests/GlifMl.Tests/Lstm/LstmReadmeTests.cs");
    }

    [Fact]
    public void Kernels_OfReadme_AreAllThereAre()
    {
        var names = Readme
            .Text.Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1]);

        Assert.Equal(["vector512", "vector256", "vector128", "scalar"], names);
        Assert.All(LstmKernels.Available, kernel => Assert.Contains($"| `{kernel.Name}` |", Readme.Text, StringComparison.Ordinal));
    }

    // The benchmark writes the excerpt beside its results; README holds it as it is.
    [Fact]
    public void Speed_OfReadme_IsThePublishedMeasurement()
    {
        var published = Glifml.Path("tests/GlifMl.Benchmarks/results/Intel-Xeon-Processor/kernels-readme.md");
        Assert.Equal(File.ReadAllText(published).ReplaceLineEndings("\n"), Readme.Between("kernel-table"));
    }
}
