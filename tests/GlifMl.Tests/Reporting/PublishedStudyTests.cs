using GlifMl.Reporting;
using GlifMl.Tests.Simulation;

namespace GlifMl.Tests.Reporting;

public sealed class PublishedStudyTests
{
    [Theory]
    [InlineData("case-study.yaml", true)]
    [InlineData("observations/batch-10.yaml", true)]
    [InlineData("observations/random-waveforms.yaml", false)]
    [InlineData("quickstart.yaml", false)]
    public void IsReproducedBy_Definition_OnlyWithItsData(string file, bool expected)
    {
        var definition = Pipeline.Load(Path.Combine(Neurons.Root, "pipelines", file));
        Assert.Equal(expected, PublishedStudy.IsReproducedBy(definition, NeuronConfig.Load(definition.Dataset.Neuron)));
    }
}
