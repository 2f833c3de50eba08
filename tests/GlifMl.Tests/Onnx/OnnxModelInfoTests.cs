using System.Text.Json;
using GlifMl.Onnx;

namespace GlifMl.Tests.Onnx;

public sealed class OnnxModelInfoTests
{
    private static readonly OnnxModelInfo Full = TestModels.Info(stimulus: true) with
    {
        SamplingIntervalMaximumSeconds = 9e-3,
        SpikeCuts = SpikeCutHandling.Fill,
        SpikeCutFillMv = -5,
        VoltageReference = VoltageReference.Absolute,
        VoltageRanges = TraceRanges.Of([TraceStatistics.Of([1, 2]), TraceStatistics.Of([3, float.NaN, 7])]),
        StimulusRanges = TraceRanges.Of([new TraceStatistics(1, 0.1, double.NegativeInfinity, 3)]),
        Definition = "name: \"a\"\nseed: 1\n",
        DataHash = "abc",
        Chance = 1.7421,
        Floor = 1.60025,
    };

    [Fact]
    public void FromMetadata_OfToMetadata_GivesTheSame()
    {
        var back = OnnxModelInfo.FromMetadata(Full.ToMetadata());
        Assert.Equal(JsonSerializer.Serialize(Full.ToMetadata()), JsonSerializer.Serialize(back.ToMetadata()));
        Assert.Equal(Full.Parameters, back.Parameters);
        Assert.Equal(Full.VoltageRanges, back.VoltageRanges);
        Assert.Equal(Full.StimulusRanges, back.StimulusRanges);
        Assert.Equal((Full.Chance, Full.Floor, Full.Definition, Full.DataHash), (back.Chance, back.Floor, back.Definition, back.DataHash));
        Assert.Equal(
            (Full.SpikeCuts, Full.SpikeCutFillMv, Full.VoltageReference, Full.ReadsStimulus),
            (back.SpikeCuts, back.SpikeCutFillMv, back.VoltageReference, back.ReadsStimulus)
        );
    }

    [Fact]
    public void ToMetadata_Keys_StartWithGlifMl()
    {
        var metadata = Full.ToMetadata();
        Assert.All(metadata.Keys, key => Assert.StartsWith("glifml.", key, StringComparison.Ordinal));
        Assert.Equal("""["C","El"]""", metadata["glifml.parameters"]);
        Assert.Equal("\"fill\"", metadata["glifml.spikeCuts"]);
        Assert.Equal("[0.001,0.009]", metadata["glifml.samplingIntervalSeconds"]);
    }

    [Theory]
    [InlineData("samples", "\"many\"", "metadata 'glifml.samples': found \"many\"; expected an integer")]
    [InlineData("samples", "0", "metadata 'glifml.samples': found 0; expected 1 to 16777216")]
    [InlineData("parameters", "[\"C\"]", "metadata 'glifml.units': found [\"F\",\"V\"]; expected a text for each of 1 parameters")]
    [InlineData("parameters", "null", "metadata 'glifml.parameters': found null; expected a JSON array of texts")]
    [InlineData("spikeCuts", "\"hide\"", "metadata 'glifml.spikeCuts': found \"hide\"; expected one of none, drop, keep, fill")]
    [InlineData(
        "samplingIntervalSeconds",
        "[0.2,0.1]",
        "metadata 'glifml.samplingIntervalSeconds': found [0.2,0.1]; expected two positive numbers in order"
    )]
    [InlineData("version", "9", "metadata 'glifml.version': found 9; expected 1")]
    [InlineData(
        "inputs",
        "[\"Current\"]",
        "metadata 'glifml.inputs': found [\"Current\"]; expected VoltageMv, or VoltageMv and StimulusPa"
    )]
    public void FromMetadata_BadEntry_IsNamed(string key, string text, string message)
    {
        var metadata = new Dictionary<string, string>(Full.ToMetadata()) { ["glifml." + key] = text };
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => OnnxModelInfo.FromMetadata(metadata)).Message);
    }

    [Fact]
    public void FromMetadata_MissingEntry_IsNamed()
    {
        var metadata = new Dictionary<string, string>(Full.ToMetadata());
        metadata.Remove("glifml.floor");
        Assert.Equal(
            "metadata: found no 'glifml.floor'; expected one, as in every model of GlifMl",
            Assert.Throws<InvalidDataException>(() => OnnxModelInfo.FromMetadata(metadata)).Message
        );
    }

    [Fact]
    public void ValueRange_OfHundredAndOneValues_HasExactPercentiles() =>
        Assert.Equal(
            new ValueRange(50, Math.Sqrt(850), 0, 100, 1, 99),
            ValueRange.Of(Enumerable.Range(0, 101).Reverse().Select(i => (double)i))
        );

    [Fact]
    public void TraceStatistics_MissingSamples_AreLeftOut()
    {
        Assert.Equal(new TraceStatistics(2, 1, 1, 3), TraceStatistics.Of([1, float.NaN, 3]));
        Assert.True(double.IsNaN(TraceStatistics.Of([float.NaN]).Mean));
    }
}
