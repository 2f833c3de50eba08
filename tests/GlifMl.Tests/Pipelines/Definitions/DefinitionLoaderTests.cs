using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Definitions;

public sealed class DefinitionLoaderTests : IDisposable
{
    private readonly DefinitionFolder _folder = new();

    [Fact]
    public void Load_ValidDefinition_BindsEveryPart()
    {
        var definition = _folder.Load(DefinitionFolder.Valid);

        Assert.Equal(("small", 7, null), (definition.Name, definition.Seed, definition.Output));
        Assert.Equal(GlifParameter.Keys, definition.Targets);
        Assert.Equal(_folder.At("neuron.json"), definition.Dataset.Neuron);
        Assert.Equal(DesignKind.Grid, definition.Dataset.Parameters.Design);
        Assert.Equal([1e-10, 2e-10], definition.Dataset.Parameters.Values["C"]);
        Assert.Empty(definition.Dataset.Parameters.Ranges);
        Assert.Equal(new TraceDefinition { Samples = 100, Simulate = 120 }, definition.Dataset.Trace);
        Assert.Equal(
            [
                ("train", "noise-1", TraceCount.Of(6)),
                ("validation", _folder.At("waves/step.csv"), TraceCount.Of(2)),
                ("test", "noise-2", TraceCount.All),
            ],
            definition.Dataset.Splits.Present.Select(split => (split.Name, split.Split.Stimulus.Name, split.Split.Traces))
        );
        Assert.Equal(["scale-targets", "bilstm", "drop-nan"], definition.Steps.Select(step => step.Name));
        Assert.Equal(1e9, ((ScaleOptions)definition.Steps[0].Options!).Factors["C"]);
        Assert.Equal(
            new NetworkOptions
            {
                Hidden = 5,
                Epochs = 3,
                LearningRate = 1e-2,
            },
            definition.Steps[1].Options
        );
        Assert.Null(definition.Steps[2].Options);
        Assert.Equal(new SourceMark(_folder.At("x.yaml"), 15, 5), definition.Steps[1].Mark);
    }

    [Fact]
    public void Load_DefaultsLeftOut_AreTheStudys()
    {
        var trace = _folder
            .Load(DefinitionFolder.Valid.Replace("  trace: {samples: 100, simulate: 120}\n", "", StringComparison.Ordinal))
            .Dataset.Trace;

        Assert.Equal((50_000, 52_000, 200_000.0), (trace.Samples, trace.Simulate, trace.SamplingRateHz));
        Assert.Equal(
            (SpikeCuts.Drop, DtMeaning.SamplingInterval, SpikeCutUnit.Steps, false),
            (trace.SpikeCuts, trace.Dt, trace.SpikeCut, trace.Stimulus)
        );
    }

    [Fact]
    public void Load_RandomDesign_BindsRangesAndStimulusDraws()
    {
        var definition = _folder.Load(
            """
            dataset:
              neuron: neuron.json
              parameters:
                design: latin-hypercube
                count: 40
                ranges:
                  th_inf: {min: 8e-3, max: 45e-3}
                  C: {min: 30e-12, max: 400e-12, scale: log}
              trace: {dt: live, spike_cuts: fill, fill_mv: -5, spike_cut: time, stimulus: true}
              splits:
                train: {stimulus: {name: noise, seed: per-trace, mean_pA: {min: 60, max: 500, scale: log}, cv: 0.2}, traces: 30}
                test:  {stimulus: {name: noise, seed: 3, rheobase_pA: 150, duration_s: 0.26}, traces: 10, sweeps: 2}
            targets: [C, th_inf]
            pipeline: [bilstm]
            """
        );

        Assert.Equal("x", definition.Name);
        Assert.Equal(["C", "th_inf"], definition.Dataset.Parameters.Ranges.Keys);
        Assert.Equal(
            new NumberRange
            {
                Min = 30e-12,
                Max = 400e-12,
                Scale = RangeScale.Log,
            },
            definition.Dataset.Parameters.Ranges["C"]
        );
        Assert.Equal(40, definition.Dataset.Parameters.Count);
        Assert.Null(definition.Dataset.Trace.SamplingRateHz);
        Assert.Equal(definition.Dataset.Trace.Samples, definition.Dataset.Trace.Simulate);
        Assert.Null(definition.Dataset.Splits.Validation);
        Assert.Equal(
            new StimulusDefinition
            {
                Name = "noise",
                Seed = StimulusSeed.PerTrace,
                MeanPicoamperes = new()
                {
                    Min = 60,
                    Max = 500,
                    Scale = RangeScale.Log,
                },
                CoefficientOfVariation = NumberRange.Fixed(0.2),
            },
            definition.Dataset.Splits.Train.Stimulus.Stimuli.Single()
        );
        Assert.Equal(StimulusSeed.Of(3), definition.Dataset.Splits.Test.Stimulus.Stimuli[0].Seed);
        Assert.Equal(new NetworkOptions(), definition.Steps[0].Options);
    }

    [Fact]
    public void Load_Extends_MergesMappingsAndReplacesLists()
    {
        _folder.Write(
            "base/small.yaml",
            DefinitionFolder
                .Valid.Replace("neuron.json", "../neuron.json", StringComparison.Ordinal)
                .Replace("waves/", "../waves/", StringComparison.Ordinal)
        );
        _folder.Write("middle.yaml", "extends: base/small.yaml\nseed: 8\ndataset: {trace: {samples: 50}}\n");

        var definition = _folder.Load(
            "extends: middle.yaml\ndataset:\n  splits: {validation: ~, train: {traces: 3}}\npipeline: [bilstm]\n"
        );

        Assert.Equal(("x", 8), (definition.Name, definition.Seed));
        Assert.Equal(_folder.At("neuron.json"), definition.Dataset.Neuron);
        Assert.Equal((50, 120), (definition.Dataset.Trace.Samples, definition.Dataset.Trace.Simulate));
        Assert.Equal(
            ("noise-1", TraceCount.Of(3)),
            (definition.Dataset.Splits.Train.Stimulus.Name, definition.Dataset.Splits.Train.Traces)
        );
        Assert.Null(definition.Dataset.Splits.Validation);
        Assert.Equal(["bilstm"], definition.Steps.Select(step => step.Name));
    }

    [Fact]
    public void Load_FaultInBase_NamesTheBasesPlaceAfterTheDefinitionsOwn()
    {
        _folder.Write("base.yaml", DefinitionFolder.Valid.Replace("traces: 6", "traces: 0", StringComparison.Ordinal));

        Assert.Equal(
            """
            x.yaml:3:1: found unknown key 'sed'; did you mean 'seed'?
            base.yaml:10:45: dataset.splits.train.traces: found 0; expected at least 1 or 'all'
            """,
            _folder.Faults("extends: base.yaml\n\nsed: 1\n")
        );
    }

    [Fact]
    public void Load_ExtendsInACircle_NamesTheCircle()
    {
        _folder.Write("a.yaml", "extends: b.yaml\n");
        _folder.Write("b.yaml", "extends: x.yaml\n");

        Assert.Equal(
            "b.yaml:1:10: extends: found 'x.yaml'; expected no circle, but this makes x.yaml -> a.yaml -> b.yaml -> x.yaml",
            _folder.Faults("extends: a.yaml\n")
        );
    }

    [Fact]
    public void Load_NameAndOutputOfABase_AreNotInherited()
    {
        _folder.Write("base.yaml", DefinitionFolder.Valid + "\noutput: somewhere\n");

        var definition = _folder.Load("extends: base.yaml");

        Assert.Equal(("x", null), (definition.Name, definition.Output));
    }

    [Fact]
    public void Load_EmptiedKeyOfABase_TakesItsDefault()
    {
        _folder.Write("base.yaml", DefinitionFolder.Valid);

        Assert.Equal(1, _folder.Load("extends: base.yaml\nseed: ~\n").Seed);
    }

    [Fact]
    public void Load_Alias_StandsForItsAnchor()
    {
        var definition = _folder.Load(
            DefinitionFolder
                .Valid.Replace("{stimulus: noise-1, traces: 6}", "&s {stimulus: noise-1, traces: 6}", StringComparison.Ordinal)
                .Replace("{stimulus: noise-2, traces: all}", "*s", StringComparison.Ordinal)
        );

        Assert.Equal(definition.Dataset.Splits.Train, definition.Dataset.Splits.Test);
    }

    [Theory]
    [InlineData("pipeline.bilstm.epochs=1")]
    [InlineData("pipeline.1.epochs=1")]
    [InlineData("pipeline.bilstm={hidden: 5, epochs: 1}")]
    [InlineData("pipeline.1={bilstm: {hidden: 5, epochs: 1}}")]
    public void Load_SetIntoTheChain_ReachesAStepByNameOrPosition(string text) =>
        Assert.Equal(new NetworkOptions { Hidden = 5, Epochs = 1 }, _folder.Load(DefinitionFolder.Valid, text).Steps[1].Options);

    [Fact]
    public void Load_Set_ChangesAddsAndReplaces()
    {
        var definition = _folder.Load(
            DefinitionFolder.Valid,
            "seed=3",
            "dataset.trace.spike_cuts=keep",
            "dataset.parameters.values.C.1=3e-10",
            "dataset.splits.train.stimulus={name: noise, seed: per-trace}",
            "pipeline.2=bilstm",
            "pipeline.2.hidden=9",
            "seed=4"
        );

        Assert.Equal(4, definition.Seed);
        Assert.Equal(SpikeCuts.Keep, definition.Dataset.Trace.SpikeCuts);
        Assert.Equal([1e-10, 3e-10], definition.Dataset.Parameters.Values["C"]);
        Assert.Equal(StimulusSeed.PerTrace, definition.Dataset.Splits.Train.Stimulus.Stimuli[0].Seed);
        Assert.Equal(new NetworkOptions { Hidden = 9 }, definition.Steps[2].Options);
    }

    [Fact]
    public void Load_SetPath_StartsFromTheWorkingDirectory()
    {
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), _folder.Write("other/neuron.json", "{}"));

        Assert.Equal(_folder.At("other/neuron.json"), _folder.Load(DefinitionFolder.Valid, $"dataset.neuron={relative}").Dataset.Neuron);
    }

    [Theory]
    [InlineData("pipeline.bilstm.epoch=1", "found unknown key 'epoch'; did you mean 'epochs'?")]
    [InlineData("pipeline.1.epoch=1", "found unknown key 'epoch'; did you mean 'epochs'?")]
    [InlineData("pipeline.bilstn.epochs=1", "pipeline: found no step 'bilstn'; did you mean 'bilstm'?")]
    [InlineData("pipeline.7.epochs=1", "pipeline: found no step 7; expected a position from 0 to 2")]
    [InlineData("pipeline.drop-nan.x=1", "pipeline.drop-nan: found {x: 1}; expected nothing, because the step has no options")]
    [InlineData("dataset.trace.sample=1", "found unknown key 'sample'; did you mean 'samples'?")]
    [InlineData("dataset.tracee.samples=1", "found unknown key 'tracee'; did you mean 'trace'?")]
    [InlineData("dataset.trace.samples=many", "dataset.trace.samples: found 'many'; expected an integer")]
    [InlineData("dataset.neuron=gone.json", null)]
    [InlineData("dataset.parameters.values.C.5=1", "dataset.parameters.values.C: found no '5'; expected a position from 0 to 1")]
    [InlineData("seed.x=1", "seed: found 7; expected a mapping to set 'x' in")]
    [InlineData("seed", "expected key.path=value")]
    [InlineData("a..b=1", "expected key.path=value")]
    [InlineData("extends=other.yaml", "found extends; expected another key, because what a definition extends is read before overrides")]
    [InlineData("seed=[1", "found invalid YAML: While parsing a flow sequence, did not find expected ',' or ']'")]
    public void Load_WrongSet_IsAFaultAtItsText(string text, string? message) =>
        Assert.Equal($"--set {text}: {message ?? NoFile(Path.GetFullPath("gone.json"))}", _folder.Faults(DefinitionFolder.Valid, text));

    private static string NoFile(string path) => $"dataset.neuron: found 'gone.json'; expected an existing file, but there is no {path}";

    [Fact]
    public void Load_SetByANameThatStandsTwice_AsksForThePosition() =>
        Assert.Equal(
            "--set pipeline.bilstm.epochs=1: pipeline: found several steps 'bilstm'; expected one by its position, from 0",
            _folder.Faults(DefinitionFolder.Valid + "\n  - bilstm\n", "pipeline.bilstm.epochs=1")
        );

    public void Dispose() => _folder.Dispose();
}
