using GlifMl.Simulation;

namespace GlifMl.Tests.Simulation;

/// <summary>A name of a stream is in every number drawn under it: what was published must be made again by the same names.</summary>
public sealed class RandomStreamsTests
{
    [Fact]
    public void Names_OfAllStreams_StayByteForByte() =>
        Assert.Equal(
            [
                "membranes.threshold-jitter",
                "membranes.cells",
                "stimuli.pink-noise",
                "designs.uniform",
                "designs.sobol.shift",
                "designs.latin-hypercube.strata",
                "designs.latin-hypercube.places",
                "held-out cells",
                "noise",
                "inspect",
                "random configuration of the report",
                "points of a prediction figure",
                "sweep trials",
                "traces noise-1 + square x 3",
                "stimulus choice train",
                "stimulus train",
                "recording noise train",
                "strip of th_inf",
            ],
            [
                RandomStreams.ThresholdJitter,
                RandomStreams.MembraneCells,
                RandomStreams.PinkNoise,
                RandomStreams.UniformDesign,
                RandomStreams.SobolShift,
                RandomStreams.LatinHypercubeStrata,
                RandomStreams.LatinHypercubePlaces,
                RandomStreams.HeldOutCells,
                RandomStreams.NoiseStep,
                RandomStreams.Inspection,
                RandomStreams.ReportConfiguration,
                RandomStreams.PredictionFigure,
                RandomStreams.SweepTrials,
                RandomStreams.GridTraces("noise-1 + square", 3),
                RandomStreams.StimulusChoice("train"),
                RandomStreams.Stimulus("train"),
                RandomStreams.RecordingNoise("train"),
                RandomStreams.FigureStrip("th_inf"),
            ]
        );
}
