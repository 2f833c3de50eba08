using GlifMl.Onnx.Protos;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.OnnxRuntime;

namespace GlifMl.Tests.Onnx;

public sealed class OnnxExporterTests
{
    private readonly MLContext _ml = new(1);

    [Fact]
    public void Export_ChainWithTrainingOnlySteps_ReachesOnlyWhatOutputsNeed()
    {
        var (chain, data, _) = Chain();

        var model = OnnxExporter.Export([chain], data.Schema, ["Sum"], [new("glifml.test", "yes")]);

        using var session = new InferenceSession(model);
        Assert.Equal(["Gain", "Offset", "Trace"], session.InputMetadata.Keys.Order());
        Assert.Equal("yes", session.ModelMetadata.CustomMetadataMap["glifml.test"]);
        Assert.DoesNotContain("NotExportable", System.Text.Encoding.UTF8.GetString(model), StringComparison.Ordinal);
    }

    [Fact]
    public void Export_Chain_ScoresLikeTheChainInBatches()
    {
        var (chain, data, rows) = Chain();
        using var session = new InferenceSession(OnnxExporter.Export([chain], data.Schema, ["Sum"]));
        using var trace = OrtValue.CreateTensorValueFromMemory(rows.SelectMany(r => r.Trace).ToArray(), [rows.Length, TestRows.Size]);
        using var gain = OrtValue.CreateTensorValueFromMemory(rows.Select(r => r.Gain).ToArray(), [rows.Length, 1]);
        using var offset = OrtValue.CreateTensorValueFromMemory(rows.Select(r => r.Offset).ToArray(), [rows.Length, 1]);
        using var options = new RunOptions();

        using var results = session.Run(options, ["Trace", "Gain", "Offset"], [trace, gain, offset], ["Sum"]);

        Assert.Equal(TestRows.Read(chain.Transform(data), "Sum").SelectMany(r => r), results[0].GetTensorDataAsSpan<float>().ToArray());
    }

    [Fact]
    public void Export_OutputDependsOnStepWithoutOnnx_NamesStepAndColumn()
    {
        var (chain, data, _) = Chain();
        var e = Assert.Throws<InvalidOperationException>(() => OnnxExporter.Export(chain, data.Schema, ["Sum", "CellKey"]));
        Assert.Equal(
            "column 'CellKey': found step ValueToKeyMappingTransformer, which cannot be written as ONNX "
                + "because it reads String in column 'Cell'; "
                + "expected one that can, because an output depends on it",
            e.Message
        );
    }

    [Fact]
    public void Export_UnknownOutput_NamesIt()
    {
        var (chain, data, _) = Chain();
        var e = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(chain, data.Schema, ["Nothing"]));
        Assert.StartsWith(
            "columns: found 'Trace', 'Gain', 'Offset', 'Cell'; expected 'Nothing', which no step before gives either",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Export_TextColumnAsOutput_SaysWhatIsExpected()
    {
        var (chain, data, _) = Chain();
        var e = Assert.Throws<ArgumentException>(() => OnnxExporter.Export(chain, data.Schema, ["Cell"]));
        Assert.StartsWith(
            "column 'Cell': found String; expected Single, Double or a vector of Single",
            e.Message,
            StringComparison.Ordinal
        );
    }

    [PythonOnnxFact]
    public void Export_Chain_PassesFullCheck()
    {
        var (chain, data, _) = Chain();
        PythonOnnxFactAttribute.Check(OnnxExporter.Export([chain], data.Schema, ["Sum"]));
    }

    [Fact]
    public void Export_Twice_SameBytes()
    {
        var (chain, data, _) = Chain();
        Assert.Equal(OnnxExporter.Export(chain, data.Schema, ["Sum"]), OnnxExporter.Export(chain, data.Schema, ["Sum"]));
        Assert.Equal(
            4,
            ModelProto
                .Parser.ParseFrom(OnnxExporter.Export(chain, data.Schema, ["Sum"]))
                .Graph.Output[0]
                .Type.TensorType.Shape.Dim[1]
                .DimValue
        );
    }

    private (TransformerChain<ITransformer> Chain, IDataView Data, TestRows.Row[] Rows) Chain()
    {
        var rows = TestRows.Rows(7);
        var data = _ml.Data.LoadFromEnumerable(rows);
        var key = _ml.Transforms.Conversion.MapValueToKey("CellKey", "Cell").Fit(data);
        var copy = _ml.Transforms.CopyColumns("Raw", "Trace").Fit(key.Transform(data));
        var own = new WeightedSum(copy.Transform(key.Transform(data)).Schema, TestRows.Size, trace: "Raw");
        return (new TransformerChain<ITransformer>(key, new TransformerChain<ITransformer>(copy, own)), data, rows);
    }
}
