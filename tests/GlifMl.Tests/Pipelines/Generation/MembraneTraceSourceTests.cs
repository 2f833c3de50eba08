using GlifMl.Datasets;
using GlifMl.Pipelines;
using GlifMl.Simulation;
using GlifMl.Tests.Cli;

namespace GlifMl.Tests.Pipelines.Generation;

public sealed class MembraneTraceSourceTests
{
    private static PipelineDefinition Load(params string[] overrides) => Pipeline.Load(Glifml.Path("pipelines/recordings.yaml"), overrides);

    [Fact]
    public void Fill_ReadingsOfManyCells_AreWhatEachIsAlone()
    {
        var source = TraceSources.Of(Load(), "test");
        var batch = new TraceBatch(source.Schema, 20);
        source.Fill(5, batch);
        var alone = new TraceBatch(source.Schema, 1);
        foreach (var row in new[] { 0, 7, 19 })
        {
            source.Fill(5 + row, alone);
            Assert.Equal(alone.Voltage(0), batch.Voltage(row));
            for (var k = 0; k < source.Schema.Targets.Count; k++)
                Assert.Equal(alone.Labels(k)[0], batch.Labels(k)[row]);
        }
        Assert.Equal(CellVector.Length, source.Schema.Samples);
        // Each number is told of some cells; what is told has a size of about 1.
        for (var n = 0; n < CellVector.Length; n++)
            Assert.Contains(Enumerable.Range(0, 20), row => float.IsFinite(batch.Voltage(row)[n]));
        Assert.All(batch.Voltages.ToArray(), value => Assert.True(float.IsNaN(value) || Math.Abs(value) < 15, $"{value}"));
    }

    [Fact]
    public void Fill_Labels_ArePublishedOnesWithTheSimulatorsBesideThem()
    {
        var published = TraceSources.Of(Load(), "validation");
        var own = TraceSources.Of(Load("dataset.membrane.labels=simulated"), "validation");
        var (first, second) = (new TraceBatch(published.Schema, 8), new TraceBatch(own.Schema, 8));
        published.Fill(0, first);
        own.Fill(0, second);
        string[] targets = [.. published.Schema.Targets];
        foreach (var key in GlifParameter.Keys)
        {
            var (label, simulated) = (Array.IndexOf(targets, key), Array.IndexOf(targets, $"simulated_{key}"));
            Assert.Equal(first.Labels(simulated), second.Labels(simulated));
            Assert.Equal(second.Labels(simulated), second.Labels(label));
            if (key is "C" or "R_input" or "th_inf")
                Assert.NotEqual(first.Labels(simulated).ToArray(), first.Labels(label).ToArray());
        }
        Assert.All(first.Labels(Array.IndexOf(targets, "simulated_rheobase")).ToArray(), rheobase => Assert.InRange(rheobase, 5e-12, 3e-9));
    }

    [Fact]
    public void Fill_TracesOfSeveralRates_AreRecordedSweepsWithTheirSpikesCut()
    {
        var definition = Load(
            "dataset.trace={samples: 3000, dt: live, stimulus: true, spike_cuts: keep, noise: {sd_mv: 0.1}}",
            "dataset.parameters.ranges.dt={min: 5e-6, max: 2e-4, scale: log}",
            "dataset.parameters.ranges.El={min: -0.002, max: 0.002}",
            "dataset.splits.test.stimulus={name: square, rheobases: {min: 1.5, max: 2}}"
        );
        var source = TraceSources.Of(definition, "test");
        var batch = new TraceBatch(source.Schema, 24);
        source.Fill(0, batch);
        var (cut, th) = (0, source.Schema.Targets.ToList().IndexOf("th_inf"));
        for (var row = 0; row < 24; row++)
        {
            cut += batch.Voltage(row).Contains(float.NaN) ? 1 : 0;
            // What is left of a spike is its beginning at most; spikes peak at 82 mV or more, thresholds of some cells adapt beyond it.
            var most = Math.Max(85, 1.3e3 * batch.Labels(th)[row]);
            Assert.All(batch.Voltage(row).ToArray(), v => Assert.True(float.IsNaN(v) || v < most, $"row {row}: {v}, {most}"));
            Assert.Equal(batch.SpikeCounts[row] > 0, batch.Voltage(row).Contains(float.NaN));
            Assert.True(batch.Stimulus(row)[^1] > 10);
        }
        Assert.True(cut > 8);
    }

    [Fact]
    public void Of_CellsThatAreGlifs_ArePublishedAsTheyAre()
    {
        var neuron = NeuronConfig.Load(Glifml.Path("datasets/neurons/483101699_glif1.json")) with
        {
            Coefficients = new NeuronCoefficients { AfterspikeAmplitudes = [1, 1] },
        };
        DrawnCell[] cells =
        [
            .. new[] { (90e-12, 120e6, 0.02), (60e-12, 300e6, 0.03), (150e-12, 200e6, 0.025) }.Select(p => new DrawnCell(
                new MembraneCell
                {
                    Neuron = neuron.With("C", p.Item1).With("R_input", p.Item2).With("th_inf", p.Item3),
                    SpikeSeconds = 0.003,
                },
                0,
                0
            )),
        ];
        var labels = PublishedLabels.Of(cells, new MembraneWorkspace());
        for (var n = 0; n < cells.Length; n++)
        {
            var glif = cells[n].Cell.Neuron;
            Assert.Equal(1, labels[n]!.RheobaseAmperes / glif.RheobaseAmperes, 0.02);
            Assert.Equal(1, labels[n]!.ResistanceOhms / glif.InputResistanceOhms, 0.02);
            Assert.Equal(1, labels[n]!.CapacitanceFarads / glif.CapacitanceFarads, 0.02);
            Assert.Equal(1, labels[n]!.ThresholdVolts / glif.ThresholdInfinityVolts, 0.03);
        }
    }

    [Fact]
    public void Of_CellWhoseLeakFallsFar_HasItsOwnRheobase()
    {
        // It fires under a fifth of what its GLIF would: were that the search's end, noise of 0.75 "rheobase" would make it fire, and the
        // regression between spikes find 30 times its resistance.
        var neuron = NeuronConfig
            .Load(Glifml.Path("datasets/neurons/483101699_glif1.json"))
            .With("C", 115e-12)
            .With("R_input", 289e6)
            .With("th_inf", 0.031);
        var cell = new MembraneCell
        {
            Neuron = neuron,
            DendriteShare = 0.89,
            DendriteCoupling = 1.25,
            LeakFall = 1.29,
            SpikeSlopeVolts = 1.5e-3,
            SpikeSeconds = 0.003,
        };

        var label = PublishedLabels.Of([new DrawnCell(cell, 0, 0)], new MembraneWorkspace())[0]!;

        Assert.InRange(label.RheobaseAmperes / neuron.RheobaseAmperes, 0.1, 0.24);
        Assert.InRange(label.ResistanceOhms, 289e6, 800e6);
    }

    [Fact]
    public void Published_CellsOutsideTheRanges_AreDrawnAgain()
    {
        var definition = Load("dataset.membrane.published_ranges={C: {min: 60e-12, max: 266e-12}, R_input: {min: 100e6, max: 843e6}}");
        var cells = new MembraneCells(definition, DesignFactory.Create(definition));

        var (_, labels) = cells.Published([.. Enumerable.Range(0, 24).Select(n => (long)n)], new MembraneWorkspace());

        Assert.All(labels, label => Assert.InRange(label.CapacitanceFarads, 60e-12, 266e-12));
        Assert.All(labels, label => Assert.InRange(label.ResistanceOhms, 100e6, 843e6));
        Assert.InRange(cells.DrawnAgain.Outside, 2, 24);
    }

    [Fact]
    public void Load_ReadingsWithoutMembrane_AreRefusedWithTheirPlace()
    {
        var fault = Assert.Throws<DefinitionException>(() => Load("dataset.membrane=~"));
        Assert.Contains("dataset.trace.holds", fault.Message, StringComparison.Ordinal);
        Assert.Contains("rheobases", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.025, 0.0)]
    [InlineData(0.5, 0.5)]
    [InlineData(0.975, 1.0)]
    public void At_ShareOfANormalRange_IsItsQuantile(double share, double place) =>
        Assert.Equal(place, new ParameterRange("C", 0, 1) { IsNormal = true }.At(share), 1e-3);
}
