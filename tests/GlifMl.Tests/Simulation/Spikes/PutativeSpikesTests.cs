using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

public sealed class PutativeSpikesTests
{
    [Fact]
    public void Find_CrossingsWithoutAFallBetween_CountOnce()
    {
        double[] slope = [0, 2, 0.5, 2, 0.5, -0.1, 2, 2, -1, 0.5, 1.5];
        Assert.Equal([0, 5, 9], PutativeSpikes.Find(slope, 1));
    }

    [Fact]
    public void Find_SlopeThatStartsAboveTheCutoff_IsNoCrossing() => Assert.Empty(PutativeSpikes.Find([2, 2, 0], 1));

    // The study's files/spike_count_dict.npy holds 3, 9, 0 and 0 "spikes" of the fitted neuron, found at 0.1 V/s; the noise here is read
    // off its figures, which costs one crossing of Noise 2. The neuron's own spikes: none.
    [Theory]
    [InlineData("case-study-noise-1", 3)]
    [InlineData("case-study-noise-2", 8)]
    [InlineData("case-study-ramp", 0)]
    [InlineData("case-study-long-square", 0)]
    public void Find_FittedNeuronInTheStudysWindow_FindsItsCountsAndNoSpike(string stimulus, int count)
    {
        const double StudyDt = 5e-6;
        var amperes = new double[52_000];
        StimulusCatalog.Create(stimulus).Sample(StudyDt, amperes);
        var trace = GlifSimulator.Run(Neurons.Load(1).With("dt", StudyDt), amperes);
        var slope = PutativeSpikes.Slope(Array.ConvertAll(trace.VoltageVolts, v => 1000 * v), StudyDt);
        Assert.Equal(count, PutativeSpikes.Find(slope, 0.1).Count);
        Assert.Empty(PutativeSpikes.Find(slope));
        Assert.Empty(trace.SpikeSteps);
    }
}
