using System.Text.Json.Nodes;

namespace GlifMl.Tests.Simulation;

public sealed class NeuronConfigTests
{
    [Fact]
    public void DerivedProperties_CaseStudyCell_ArePublishedFigures()
    {
        var neuron = Neurons.Load(1);
        Assert.Equal(20.08e-3, neuron.MembraneTimeConstantSeconds, 0.005e-3);
        Assert.Equal(222.9e-12, neuron.RheobaseAmperes, 0.05e-12);
        Assert.Equal(40.88e-3, neuron.EffectiveThresholdVolts, 0.005e-3);
    }

    [Theory]
    [InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5)]
    public void ToJson_EachLevel_RoundTripsEveryKey(int level)
    {
        var original = JsonNode.Parse(File.ReadAllText(Neurons.Path(level)))!;
        var written = JsonNode.Parse(Neurons.Load(level).ToJson())!;
        Assert.True(JsonNode.DeepEquals(Normalise(original), Normalise(written)), written.ToJsonString());
    }

    [Fact]
    public void Parse_WrappedByModelId_ReadsTheSame()
    {
        var bare = File.ReadAllText(Neurons.Path(5));
        var wrapped = NeuronConfig.Parse($$"""{"485513169": {{bare}}}""", "wrapped.json");
        Assert.Equal(NeuronConfig.Parse(bare, "bare.json").ToJson(), wrapped.ToJson());
    }

    [Fact]
    public void Parse_WithoutWhatAllenSdkDoesWithout_TakesItsDefaults()
    {
        var neuron = Changed(
            3,
            config =>
            {
                config.Remove("El_reference");
                config["coeffs"] = JsonNode.Parse("""{"th_inf": 1.04}""");
            }
        );
        var bare = Changed(3, config => config.Remove("coeffs"));

        Assert.Equal(0, neuron.RestingReferenceVolts);
        Assert.Equal(1.04, neuron.Coefficients.ThInf);
        var factors = neuron.Coefficients;
        Assert.Equal([1, 1, 1, 1, 1, 1], [factors.A, factors.B, factors.C, factors.G, .. factors.AfterspikeAmplitudes]);
        factors = bare.Coefficients;
        Assert.Equal([1, 1, 1, 1, 1, 1, 1], [factors.A, factors.B, factors.C, factors.G, factors.ThInf, .. factors.AfterspikeAmplitudes]);
        Assert.Equal(bare.ToJson(), NeuronConfig.Parse(bare.ToJson(), "again.json").ToJson());
    }

    [Theory]
    [InlineData("El_reference", "El_referense", "n.json: El_reference: found nothing (but 'El_referense'); expected this key")]
    [InlineData("coeffs", "coefs", "n.json: coeffs: found nothing (but 'coefs'); expected this key")]
    [InlineData("C", "c", "n.json: coeffs.C: found nothing (but 'c'); expected this key")]
    public void Parse_MisspeltKeyThatMayBeMissing_IsNoDefault(string key, string misspelt, string message)
    {
        var e = Assert.Throws<InvalidDataException>(() =>
            Changed(
                1,
                config =>
                {
                    var parent = key == "C" ? config["coeffs"]!.AsObject() : config;
                    var value = parent[key];
                    parent.Remove(key);
                    parent[misspelt] = value;
                }
            )
        );
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void Parse_SeveralModels_TakesTheOneThatIsAskedFor()
    {
        var (one, three) = (File.ReadAllText(Neurons.Path(1)), File.ReadAllText(Neurons.Path(3)));
        var both = $$"""{"485513169": {{one}}, "485513179": {{three}}}""";
        string Refuses(string json, string? id) =>
            Assert.Throws<InvalidDataException>(() => NeuronConfig.Parse(json, "n.json", id)).Message;

        Assert.Equal(Neurons.Load(3).ToJson(), NeuronConfig.Parse(both, "n.json", "485513179").ToJson());
        Assert.Equal(
            "n.json: found 2 models; expected one, or simulate's --model-id ID to choose: 485513169, 485513179",
            Refuses(both, null)
        );
        Assert.Equal("n.json: model id: found '4855'; expected one of 485513169, 485513179", Refuses(both, "4855"));
        Assert.Equal("n.json: found one model, without an id; expected model '4855'", Refuses(one, "4855"));
    }

    [Theory]
    [InlineData("""{"V_m": -78.9, "V_th": -43.3, "g": 4.6, "E_L": -78.9, "C_m": 58.7, "t_ref": 0.5, "V_reset": -78.9}""")]
    [InlineData("""{"nest": {"V_m": -78.9, "V_th": -43.3, "g": 4.6, "E_L": -78.9, "C_m": 58.7}}""")]
    public void Parse_ParametersOfNest_AreNamedAsSuch(string json)
    {
        var e = Assert.Throws<InvalidDataException>(() => NeuronConfig.Parse(json, "n.json"));
        Assert.Equal("n.json: found a NEST parameter dictionary; expected an Allen neuron_config", e.Message);
    }

    [Fact]
    public void Parse_TextFromTheFile_IsQuotedShortAndEscaped()
    {
        var hostile = "\\u001b]0;owned\\u0007" + new string('x', 10_000);
        string Refuses(string key, string json) =>
            Assert.Throws<InvalidDataException>(() => Changed(1, config => config[key] = JsonNode.Parse(json))).Message;

        foreach (
            var message in new[]
            {
                Refuses("El", $"\"{hostile}\""),
                Refuses("voltage_reset_method", $$$"""{"name": "{{{hostile}}}", "params": {}}"""),
                Refuses("voltage_reset_method", $$$"""{"name": "zero", "params": {"{{{hostile}}}": "a"}}"""),
            }
        )
        {
            Assert.Contains("\\u001b]0;owned\\u0007xxx", message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(message, char.IsControl);
            Assert.InRange(message.Length, 80, 200);
        }
    }

    [Fact]
    public void Parse_HalfASurrogatePair_IsNoCrash()
    {
        var text = File.ReadAllText(Neurons.Path(1)).Replace("\"zero\"", "\"\\ud800\"", StringComparison.Ordinal);
        var e = Assert.Throws<InvalidDataException>(() => NeuronConfig.Parse(text, "n.json"));
        Assert.Equal("n.json: found text that is not Unicode; expected an Allen neuron_config", e.Message);
    }

    public static TheoryData<string, string, string> Faults =>
        new()
        {
            { "C", "-1e-10", "n.json: C: found -1E-10; expected a positive number" },
            { "R_input", "0", "n.json: R_input: found 0; expected a positive number" },
            { "dt", "-5e-5", "n.json: dt: found -5E-05; expected a positive number" },
            { "th_inf", "1e999", "n.json: th_inf: found Infinity; expected a finite number" },
            { "El", "\"zero\"", "n.json: El: found \"zero\"; expected a number" },
            { "spike_cut_length", "-1", "n.json: spike_cut_length: found -1; expected 0 steps or more" },
            { "spike_cut_length", "1.5", "n.json: spike_cut_length: found 1.5; expected a whole number of steps, 0 or more" },
            { "asc_tau_array", "[0.1]", "n.json: asc_tau_array: found 1 values; expected 2, as many as asc_amp_array" },
            { "asc_tau_array", "[0.1, 0]", "n.json: asc_tau_array[1]: found 0; expected a positive number" },
            {
                "init_AScurrents",
                "[1e-12, 0]",
                "n.json: init_AScurrents: found currents; expected zeros where an afterspike method is 'none'"
            },
            { "coeffs", "[]", "n.json: coeffs: found an array; expected an object" },
            {
                "voltage_reset_method",
                """{"name": "zeros", "params": {}}""",
                "n.json: voltage_reset_method: found method 'zeros'; expected one of zero, v_before"
            },
            {
                "voltage_reset_method",
                """{"name": "v_before", "params": {"a": 1}}""",
                "n.json: voltage_reset_method.params.b: found nothing; expected a number for method 'v_before'"
            },
            {
                "AScurrent_reset_method",
                """{"name": "sum", "params": {"r": [1, 1]}}""",
                "n.json: AScurrent_reset_method: found 'sum'; expected 'none' where AScurrent_dynamics_method is 'none'"
            },
            {
                "threshold_dynamics_method",
                """{"name": "three_components_exact", "params": {"a_spike": 1, "b_spike": 1, "a_voltage": 1, "b_voltage": 0}}""",
                "n.json: threshold_dynamics_method.params.b_voltage: found 0 (with coeffs.b); expected a positive rate in 1/s"
            },
        };

    [Theory, MemberData(nameof(Faults))]
    public void Parse_ImpossibleValue_NamesFileAndKey(string key, string json, string message)
    {
        var node = JsonNode.Parse(File.ReadAllText(Neurons.Path(1)))!.AsObject();
        node[key] = JsonNode.Parse(json);
        var e = Assert.Throws<InvalidDataException>(() => NeuronConfig.Parse(node.ToJsonString(), "n.json"));
        Assert.Equal(message, e.Message);
    }

    [Fact]
    public void Parse_MisspeltKey_NamesWhatIsMissingAndWhatWasFound()
    {
        var text = File.ReadAllText(Neurons.Path(1)).Replace("\"R_input\"", "\"R_imput\"", StringComparison.Ordinal);
        var e = Assert.Throws<InvalidDataException>(() => NeuronConfig.Parse(text, "n.json"));
        Assert.Equal("n.json: R_input: found nothing (but 'R_imput'); expected this key", e.Message);
    }

    [Fact]
    public void Parse_NotJson_NamesLineAndColumn()
    {
        var e = Assert.Throws<InvalidDataException>(() => NeuronConfig.Parse("{\n  \"C\": NaN\n}", "n.json"));
        Assert.Equal("n.json:2:8: found text that is not JSON; expected an Allen neuron_config", e.Message);
    }

    [Fact]
    public void Load_MissingFile_NamesThePath()
    {
        var e = Assert.Throws<FileNotFoundException>(() => NeuronConfig.Load("no/such.json"));
        Assert.Equal("found no file no/such.json; expected a neuron config", e.Message);
    }

    [Fact]
    public void With_EachScalarKey_ChangesThatKeyAlone()
    {
        var neuron = Neurons.Load(1);
        foreach (var key in NeuronConfig.ScalarKeys)
        {
            var changed = neuron.With(key, 7);
            foreach (var other in NeuronConfig.ScalarKeys)
                Assert.Equal(other == key ? 7 : neuron.Get(other), changed.Get(other));
            Assert.Same(neuron.Coefficients, changed.Coefficients);
        }
    }

    [Fact]
    public void With_UnknownKey_ListsTheKeysNearestFirst()
    {
        var e = Assert.Throws<ArgumentException>(() => Neurons.Load(1).With("th_infty", 0.03));
        Assert.StartsWith("found neuron key 'th_infty'; expected one of th_inf, ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void With_ImpossibleValue_NamesTheKey()
    {
        var e = Assert.Throws<ArgumentException>(() => Neurons.Load(1).With("C", double.NaN));
        Assert.Equal("C: found NaN; expected a positive number", e.Message);
    }

    [Theory]
    [InlineData(5e-5, 55)]
    [InlineData(5e-6, 550)]
    [InlineData(1e-3, 3)]
    public void WithSpikeCutDuration_KeepsTheDurationWhateverDt(double dt, int steps) =>
        Assert.Equal(steps, Neurons.Load(1).With("dt", dt).WithSpikeCutDuration(2.75e-3).SpikeCutSteps);

    private static NeuronConfig Changed(int level, Action<JsonObject> change)
    {
        var config = JsonNode.Parse(File.ReadAllText(Neurons.Path(level)))!.AsObject();
        change(config);
        return NeuronConfig.Parse(config.ToJsonString(), "n.json");
    }

    // Key order means nothing; 1 and 1.0 are one number.
    private static JsonNode Normalise(JsonNode node) =>
        node switch
        {
            JsonObject o => new JsonObject(
                o.OrderBy(p => p.Key, StringComparer.Ordinal)
                    .Select(p => KeyValuePair.Create(p.Key, p.Value is null ? null : Normalise(p.Value)))
            ),
            JsonArray a => new JsonArray([.. a.Select(item => Normalise(item!))]),
            JsonValue v when v.GetValueKind() == System.Text.Json.JsonValueKind.Number => JsonValue.Create(v.GetValue<double>()),
            _ => node.DeepClone(),
        };
}
