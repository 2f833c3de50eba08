using System.Text;
using CsCheck;
using GlifMl.Pipelines;

namespace GlifMl.Tests.Pipelines.Definitions;

public sealed class DefinitionFaultTests : IDisposable
{
    private readonly DefinitionFolder _folder = new();

    /// <summary>Each case replaces one piece of the valid definition and expects one exact message.</summary>
    public static TheoryData<string, string, string> Wrong =>
        new()
        {
            { "epochs: 3", "epoch: 3", "x.yaml:15:25: found unknown key 'epoch'; did you mean 'epochs'?" },
            { "seed: 7", "sed: 7", "x.yaml:2:1: found unknown key 'sed'; did you mean 'seed'?" },
            {
                "seed: 7",
                "colour: red",
                "x.yaml:2:1: found unknown key 'colour'; "
                    + "expected one of name, seed, output, data, dataset, targets, known, ensemble, pipeline, uses"
            },
            { "samples: 100", "sample: 100, samples: 100", "x.yaml:8:11: found unknown key 'sample'; did you mean 'samples'?" },
            { "seed: 7", "seed: many", "x.yaml:2:7: seed: found 'many'; expected an integer" },
            { "seed: 7", "seed: '7'", "x.yaml:2:7: seed: found '7'; expected an integer" },
            { "seed: 7", "seed: 1.5", "x.yaml:2:7: seed: found 1.5; expected an integer" },
            { "seed: 7", "seed: 99999999999", "x.yaml:2:7: seed: found 99999999999; expected an integer from -2147483648 to 2147483647" },
            { "seed: 7", "seed: [1, 2]", "x.yaml:2:7: seed: found [1, 2]; expected an integer" },
            { "seed: 7", "seed: -1", "x.yaml:2:7: seed: found -1; expected at least 0" },
            { "seed: 7", "name: again", "x.yaml:2:1: found key 'name' again; expected it once, at line 1, column 1" },
            { "name: small", "name: a/b", "x.yaml:1:7: name: found 'a/b'; expected a name without / \\ : or line breaks" },
            {
                "name: small",
                $"name: {new string('n', 201)}",
                "x.yaml:1:7: name: found 201 bytes; expected at most 200, because it names folders"
            },
            { "name: small", "name: \"a\\nb\"", "x.yaml:1:7: name: found 'a\\nb'; expected a name without / \\ : or line breaks" },
            { "hidden: 5", "<<: *h, hidden: 5", "x.yaml:15:18: found invalid YAML: alias '*h' has no anchor before it" },
            {
                "{hidden: 5",
                "{<<: {epochs: 3}, hidden: 5",
                "x.yaml:15:14: found merge key '<<'; expected the keys themselves, or an alias in place of the whole mapping"
            },
            {
                "simulate: 120",
                "sampling_rate_hz: .inf",
                "x.yaml:8:43: dataset.trace.sampling_rate_hz: found '.inf'; expected more than 0, finite"
            },
            {
                "neuron: neuron.json",
                "neuron: gone.json",
                "x.yaml:4:11: dataset.neuron: found 'gone.json'; expected an existing file, but there is no gone.json"
            },
            { "  neuron: neuron.json\n", "", "x.yaml:4:3: found no key 'neuron' in dataset; expected one" },
            { "design: grid", "design: gride", "x.yaml:6:13: dataset.parameters.design: found 'gride'; did you mean 'grid'?" },
            {
                "design: grid",
                "design: halton",
                "x.yaml:6:13: dataset.parameters.design: found 'halton'; expected one of grid, sobol, latin-hypercube, uniform"
            },
            { "[1e-10, 2e-10]", "[1e-10, -2e-10]", "x.yaml:7:25: dataset.parameters.values.C.1: found -2e-10; expected more than 0" },
            { "[1e-10, 2e-10]", "[]", "x.yaml:7:17: dataset.parameters.values.C: found []; expected at least one value" },
            { "[1e-10, 2e-10]", "1e-10", "x.yaml:7:17: dataset.parameters.values.C: found 1e-10; expected a list" },
            { "[1e-10, 2e-10]", "[1e-10, .nan]", "x.yaml:7:25: dataset.parameters.values.C.1: found '.nan'; expected a number" },
            { "R_input: [1e8]", "R_input: [0]", "x.yaml:7:58: dataset.parameters.values.R_input.0: found 0; expected more than 0" },
            {
                "R_input: [1e8]",
                "R_inptu: [1e8], R_input: [1e8]",
                "x.yaml:7:48: found unknown parameter 'R_inptu'; did you mean 'R_input'?"
            },
            { ", th_inf: [0.02]", "", "x.yaml:7:13: dataset.parameters.values: found no 'th_inf'; expected values for every target" },
            {
                "values: {C",
                "count: 4\n    values: {C",
                "x.yaml:7:12: dataset.parameters: found count, but the design is grid and only latin-hypercube takes it; "
                    + "expected none (to drop what a base gives, write 'count: ~')"
            },
            {
                "values: {C",
                "ranges: {C: {min: 1e-10, max: 2e-10}}\n    values: {C",
                "x.yaml:7:13: dataset.parameters: found ranges, but the design is grid and takes values; "
                    + "expected none (to drop what a base gives, write 'ranges: ~')"
            },
            { "samples: 100", "samples: 0", "x.yaml:8:20: dataset.trace.samples: found 0; expected at least 1" },
            {
                "simulate: 120",
                "simulate: 99",
                "x.yaml:8:35: dataset.trace.simulate: found 99; expected at least dataset.trace.samples, 100"
            },
            {
                "simulate: 120",
                "dt: live, sampling_rate_hz: 1000",
                "x.yaml:8:53: dataset.trace.sampling_rate_hz: found 1000; expected no sampling rate, because dt is live and gives it"
            },
            { "simulate: 120", "sampling_rate_hz: 0", "x.yaml:8:43: dataset.trace.sampling_rate_hz: found 0; expected more than 0" },
            { "simulate: 120", "stimulus: yes", "x.yaml:8:35: dataset.trace.stimulus: found 'yes'; expected true or false" },
            { "traces: 6", "traces: 0", "x.yaml:10:45: dataset.splits.train.traces: found 0; expected at least 1 or 'all'" },
            { "traces: 6", "traces: most", "x.yaml:10:45: dataset.splits.train.traces: found 'most'; expected at least 1 or 'all'" },
            {
                "traces: 6",
                "traces: 9",
                "x.yaml:10:45: dataset.splits.train.traces: found 9; expected at most 8, the grid's configurations times the sweeps"
            },
            { ", traces: 6", "", "x.yaml:10:17: found no key 'traces' in dataset.splits.train; expected one" },
            {
                "train:      {stimulus: noise-1, traces: 6}",
                "train:",
                "x.yaml:10:11: found no key 'train' in dataset.splits; expected one"
            },
            {
                "    test:       {stimulus: noise-2, traces: all}\n",
                "",
                "x.yaml:10:5: found no key 'test' in dataset.splits; expected one"
            },
            {
                "stimulus: noise-1",
                "stimulus: nose-1",
                "x.yaml:10:28: dataset.splits.train.stimulus: found 'nose-1'; did you mean 'noise-1'?"
            },
            {
                "stimulus: noise-1",
                "stimulus: {name: noise, cv: {min: 2, max: 1}}",
                "x.yaml:10:60: dataset.splits.train.stimulus.cv.max: found 1; expected at least min, 2"
            },
            {
                "stimulus: noise-1",
                "stimulus: {name: noise, mean_pA: {min: 0, max: 1, scale: log}}",
                "x.yaml:10:57: dataset.splits.train.stimulus.mean_pA.min: found 0; expected more than 0 on a log scale"
            },
            {
                "stimulus: noise-1",
                "stimulus: {name: noise, duration_s: 0}",
                "x.yaml:10:54: dataset.splits.train.stimulus.duration_s: found 0; expected more than 0"
            },
            {
                "stimulus: noise-1",
                "stimulus: {name: noise, seed: random}",
                "x.yaml:10:48: dataset.splits.train.stimulus.seed: found 'random'; expected an integer of at least 0 or 'per-trace'"
            },
            {
                "stimulus: noise-1",
                "stimulus: {seed: 1}",
                "x.yaml:10:28: found no key 'name' in dataset.splits.train.stimulus; expected one"
            },
            {
                "stimulus: noise-1",
                "stimulus: {name: waves/step.csv, seed: 1}",
                "x.yaml:10:35: dataset.splits.train.stimulus.name: found 'waves/step.csv'; "
                    + "expected the name of a stimulus, because a file takes no options"
            },
            {
                "stimulus: noise-1",
                "stimulus: []",
                "x.yaml:10:28: dataset.splits.train.stimulus: found []; expected at least one stimulus"
            },
            {
                "stimulus: noise-1",
                "stimulus: [noise-1, nose-1]",
                "x.yaml:10:38: dataset.splits.train.stimulus.1: found 'nose-1'; did you mean 'noise-1'?"
            },
            {
                "stimulus: noise-1",
                "stimulus: [noise, {name: noise, cv: -1}]",
                "x.yaml:10:54: dataset.splits.train.stimulus.1.cv: found -1; expected at least 0"
            },
            {
                "stimulus: noise-1",
                "stimulus: [{name: noise, mean_pa: 1}]",
                "x.yaml:10:43: found unknown key 'mean_pa'; did you mean 'mean_pA'?"
            },
            {
                "stimulus: noise-1",
                "stimulus: [[noise]]",
                "x.yaml:10:29: dataset.splits.train.stimulus.0: found ['noise']; "
                    + "expected the name of a stimulus, the path of a CSV file, or a mapping"
            },
            {
                "waves/step.csv",
                "waves/stop.csv",
                "x.yaml:11:28: dataset.splits.validation.stimulus: found 'waves/stop.csv'; "
                    + "expected an existing file, but there is no waves/stop.csv"
            },
            { "pipeline:", "targets: [C, Q]\npipeline:", "x.yaml:13:14: found unknown target 'Q'; did you mean 'C'?" },
            { "pipeline:", "targets: [C, C]\npipeline:", "x.yaml:13:14: found target 'C' twice; expected it once" },
            { "pipeline:", "targets: []\npipeline:", "x.yaml:13:10: targets: found []; expected at least one parameter" },
            { "- drop-nan", "- drop-nans", "x.yaml:16:5: found unknown step 'drop-nans'; did you mean 'drop-nan'?" },
            {
                "- drop-nan",
                "- drop-nan: {x: 1}",
                "x.yaml:16:15: pipeline.drop-nan: found {x: 1}; expected nothing, because the step has no options"
            },
            {
                "- drop-nan",
                "- {drop-nan: ~, bilstm: ~}",
                "x.yaml:16:5: pipeline.2: found {drop-nan: nothing, bilstm: nothing}; expected one step, as a name or as 'name: {options}'"
            },
            { "- drop-nan", "- columns", "x.yaml:16:5: found no key 'names' in pipeline.columns; expected one" },
            { "- drop-nan", "- scale-targets: 3", "x.yaml:16:20: pipeline.scale-targets: found 3; expected a mapping" },
            { "C: 1e9", "C: much", "x.yaml:14:24: pipeline.scale-targets.C: found 'much'; expected a number" },
            { "hidden: 5", "hidden: 5000", "x.yaml:15:22: pipeline.bilstm.hidden: found 5000; expected at least 1 and at most 1024" },
            { "hidden: 5", "dropout: 1", "x.yaml:15:23: pipeline.bilstm.dropout: found 1; expected at least 0 and below 1" },
            { "hidden: 5", "kernel: cuda", "x.yaml:15:22: pipeline.bilstm.kernel: found 'cuda'; expected one of fused, torch" },
            { "hidden: 5", "batch: 0", "x.yaml:15:21: pipeline.bilstm.batch: found 0; expected a batch of at least one trace" },
            { "hidden: 5", "warm_up_epochs: 9", "x.yaml:15:30: pipeline.bilstm.warm_up_epochs: found 9; expected at most epochs, 3" },
            { "hidden: 5", "read_out: time_mean", "x.yaml:15:24: pipeline.bilstm.read_out: found 'time_mean'; did you mean 'time-mean'?" },
            {
                "hidden: 5",
                "hidden: !!str 5",
                "x.yaml:15:22: found tag 'tag:yaml.org,2002:str', which has no meaning in a definition; expected a plain value"
            },
            { "hidden: 5", "hidden: *h", "x.yaml:15:22: found invalid YAML: alias '*h' has no anchor before it" },
            {
                "name: small",
                "extends: gone.yaml",
                "x.yaml:1:10: extends: found 'gone.yaml'; expected an existing file, but there is no gone.yaml"
            },
            {
                "name: small",
                "extends: x.yaml",
                "x.yaml:1:10: extends: found 'x.yaml'; expected no circle, but this makes x.yaml -> x.yaml"
            },
        };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Load_WrongDefinition_NamesFaultAndPlace(string part, string replacement, string message)
    {
        Assert.Contains(part, DefinitionFolder.Valid, StringComparison.Ordinal);
        var at = DefinitionFolder.Valid.IndexOf(part, StringComparison.Ordinal);
        Assert.Equal(message, _folder.Faults(DefinitionFolder.Valid.Remove(at, part.Length).Insert(at, replacement)));
    }

    [Theory]
    [InlineData("", "x.yaml:1:1: found no key 'dataset'; expected one|x.yaml:1:1: found no key 'pipeline'; expected one")]
    [InlineData("- 1", "x.yaml:1:1: found [1]; expected a mapping")]
    [InlineData(
        "seed: 1\npipeline:\n\t- mean\n",
        "x.yaml:3:1: found invalid YAML: While scanning a mapping, found invalid tab as indentation"
    )]
    [InlineData("a: [1", "x.yaml:2:1: found invalid YAML: While parsing a flow sequence, did not find expected ',' or ']'")]
    public void Load_NoDefinition_NamesWhatIsMissing(string yaml, string messages) =>
        Assert.Equal(messages.Replace('|', '\n'), _folder.Faults(yaml));

    [Fact]
    public void Load_SobolWithGridsKeys_ReportsAllThatDoesNotFit()
    {
        var yaml = DefinitionFolder.Valid.Replace("design: grid", "design: sobol", StringComparison.Ordinal);
        Assert.Equal(
            """
            x.yaml:6:5: dataset.parameters.ranges: found no 'C'; expected ranges for every target
            x.yaml:6:5: dataset.parameters.ranges: found no 'El'; expected ranges for every target
            x.yaml:6:5: dataset.parameters.ranges: found no 'R_input'; expected ranges for every target
            x.yaml:6:5: dataset.parameters.ranges: found no 'dt'; expected ranges for every target
            x.yaml:6:5: dataset.parameters.ranges: found no 'th_inf'; expected ranges for every target

            """
                + "x.yaml:7:13: dataset.parameters: found values, but the design is sobol and takes ranges; "
                + "expected none (to drop what a base gives, write 'values: ~')\n"
                + "x.yaml:12:45: dataset.splits.test.traces: found 'all'; "
                + "expected a number, because only a grid has a whole and the design is sobol",
            _folder.Faults(yaml)
        );
    }

    [Fact]
    public void Load_SeveralFaults_ReportsAllInOrderOfPlace()
    {
        var yaml = DefinitionFolder
            .Valid.Replace("epochs: 3", "epoch: 3", StringComparison.Ordinal)
            .Replace("seed: 7", "seed: x", StringComparison.Ordinal)
            .Replace("neuron.json", "gone.json", StringComparison.Ordinal)
            .Replace("traces: 6", "traces: 0", StringComparison.Ordinal)
            .Replace("[1e-10, 2e-10]", "[-1e-10]", StringComparison.Ordinal);
        var exception = Assert.Throws<DefinitionException>(() => _folder.Load(yaml, "pipeline.bilstm.hidden=0"));
        Assert.Equal(
            [(2, 7), (4, 11), (7, 18), (10, 45), (15, 25), (0, 0)],
            exception.Faults.Select(fault => (fault.Mark.Line, fault.Mark.Column))
        );
        Assert.Equal(
            "--set pipeline.bilstm.hidden=0: pipeline.bilstm.hidden: found 0; expected at least 1 and at most 1024",
            exception.Message.Split('\n')[^1]
        );
    }

    [Fact]
    public void Load_StepSwappedByName_SaysHowItIsSwapped() =>
        Assert.Equal(
            "--set pipeline.bilstm=drop-nan: pipeline.bilstm: found 'drop-nan'; expected its options; "
                + "--set pipeline.1=drop-nan swaps the step",
            _folder.Faults(DefinitionFolder.Valid, "pipeline.bilstm=drop-nan")
        );

    [Fact]
    public void Load_TextThatIsNotUtf8_IsRefusedAtItsPlace()
    {
        var path = _folder.At("latin.yaml");
        File.WriteAllBytes(path, Encoding.Latin1.GetBytes("seed: 7\nname: caf\u00e9\n"));
        Assert.Equal(
            $"{path}:2:10: found byte 0xE9; expected text in UTF-8",
            Assert.Throws<DefinitionException>(() => DefinitionLoader.Load(path, DefinitionFolder.Context)).Message
        );
    }

    /// <summary>Nine aliases of ten items each would be a text of ten thousand million characters.</summary>
    [Fact]
    public void Load_AliasesOfAliases_AreShownInAFewCharacters()
    {
        var yaml = string.Concat(
            Enumerable.Range(1, 9).Select(i => $"l{i}: &l{i} [{string.Join(", ", Enumerable.Repeat($"*l{i - 1}", 10))}]\n")
        );
        Assert.EndsWith(
            "x.yaml:10:5: seed: found a list; expected an integer",
            _folder.Faults($"l0: &l0 [x, x, x, x, x, x, x, x, x, x]\n{yaml}seed: *l9\n").Split('\n')[^1],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Load_DeeplyNestedYaml_IsRefusedAtItsPlace() =>
        Assert.Equal("x.yaml:1:66: found invalid YAML: nested more than 64 levels deep", _folder.Faults(new string('[', 5000)));

    /// <summary>However a definition is spoilt, the answer is a definition or its faults, never another exception.</summary>
    [Fact]
    public void Load_SpoiltDefinition_IsLoadedOrRefused() =>
        (
            from at in Gen.Int[0, DefinitionFolder.Valid.Length - 1]
            from cut in Gen.Int[0, 12]
            from added in Gen.OneOf(
                Gen.String[Gen.Char["{}[]:,-*&!|>'\"%@`~#? \n\t01e"], 0, 4],
                Gen.Const("~"),
                Gen.Const(": {min: 1, max: 2}"),
                Gen.Const("\0")
            )
            select DefinitionFolder.Valid.Remove(at, Math.Min(cut, DefinitionFolder.Valid.Length - at)).Insert(at, added)
        ).Sample(
            yaml =>
            {
                try
                {
                    return _folder.Load(yaml).Steps.Count > 0;
                }
                catch (DefinitionException e)
                {
                    return e.Faults.Count > 0 && e.Faults.All(fault => !fault.Message.Contains('\n', StringComparison.Ordinal));
                }
            },
            iter: 1000,
            threads: 1
        );

    [Fact]
    public void Load_MissingFile_NamesThePath()
    {
        var path = _folder.At("gone.yaml");
        var exception = Assert.Throws<FileNotFoundException>(() => DefinitionLoader.Load(path, DefinitionFolder.Context));
        Assert.Equal($"found no file {path}; expected a definition", exception.Message);
    }

    public void Dispose() => _folder.Dispose();
}
