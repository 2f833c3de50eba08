using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Onnx;

public sealed class OnnxModelTests
{
    private readonly MLContext _ml = new(1);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16)]
    public void Score_Arrays_AnyBatchSizeGivesTheSame(int batch)
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()), new OnnxModelOptions { Threads = 1, BatchRows = batch });
        var scores = model.Score([.. Traces(10)]);
        Assert.Equal((10, 2), (scores.GetLength(0), scores.GetLength(1)));
        for (var row = 0; row < 10; row++)
            Assert.Equal((4f * row + 1, row + 1f), (scores[row, 0], scores[row, 1]));
    }

    [Fact]
    public void Score_NoRows_GivesNoRows()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        Assert.Equal(0, model.Score(Array.Empty<float>()).GetLength(0));
    }

    [Fact]
    public void Score_Stimulus_IsRead()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info(stimulus: true)));
        Assert.Equal(
            41f,
            model.Score(
                [
                    [0, 0, 0, 1],
                ],
                [
                    [1, 1, 1, 1],
                ]
            )[0, 0]
        );
    }

    [Fact]
    public void Score_WrongLengths_SayFoundAndExpected()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        using var both = OnnxModel.Load(TestModels.Bytes(TestModels.Info(stimulus: true)));
        AssertArgument("voltage: found 5 samples; expected whole traces of 4", () => model.Score(new float[5]));
        AssertArgument("voltage of trace 1: found 3 samples; expected 4", () => model.Score([new float[4], new float[3]]));
        AssertArgument(
            "stimulus: found 4 samples; expected none, because the model reads none",
            () => model.Score(new float[4], new float[4])
        );
        AssertArgument("stimulus: found 0 samples; expected 4, as many as the voltage has", () => both.Score(new float[4]));
    }

    [Fact]
    public void Score_FromManyThreads_GivesTheSame()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()), new OnnxModelOptions { Threads = 1, BatchRows = 2 });
        var expected = model.Score([.. Traces(9)]);
        Parallel.For(0, 50, _ => Assert.Equal(expected, model.Score([.. Traces(9)])));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void Transform_View_AddsParametersBesideTheColumns(int batch)
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()), new OnnxModelOptions { BatchRows = batch });
        var view = model.Transform(Data(10));
        VBuffer<ReadOnlyMemory<char>> names = default;
        view.Schema[OnnxModelInfo.ParametersColumn].GetSlotNames(ref names);
        Assert.Equal(["C", "El"], names.DenseValues().Select(n => n.ToString()));

        for (var reading = 0; reading < 2; reading++)
        {
            var rows = _ml.Data.CreateEnumerable<Scored>(view, reuseRowObject: false).ToArray();
            Assert.Equal(
                Enumerable.Range(0, 10).Select(i => (i, 4f * i + 1, i + 1f)),
                rows.Select(r => (r.TraceId, r.Parameters[0], r.Parameters[1]))
            );
        }
    }

    [Fact]
    public void Transform_Shuffled_KeepsScoresWithTheirRows()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        var rows = _ml
            .Data.CreateEnumerable<Scored>(_ml.Data.ShuffleRows(model.Transform(Data(60)), seed: 4), reuseRowObject: false)
            .ToArray();
        Assert.NotEqual(Enumerable.Range(0, 60), rows.Select(r => r.TraceId));
        Assert.All(rows, r => Assert.Equal(4f * r.TraceId + 1, r.Parameters[0]));
    }

    [Fact]
    public void Transform_RowsPassedOverUnread_ScoresTheRowsAskedFor()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()), new OnnxModelOptions { BatchRows = 4 });
        var view = model.Transform(Data(30));
        using var cursor = view.GetRowCursor(view.Schema);
        var getter = cursor.GetGetter<VBuffer<float>>(view.Schema[OnnxModelInfo.ParametersColumn]);
        VBuffer<float> parameters = default;
        for (var row = 0; cursor.MoveNext(); row++)
        {
            if (row % 7 is not (2 or 3))
                continue;
            getter(ref parameters);
            getter(ref parameters);
            Assert.Equal(4f * row + 1, parameters.GetItemOrDefault(0));
        }
    }

    [Fact]
    public void Transform_ParametersInactive_ReadsNoTrace()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        var data = _ml.Data.LoadFromEnumerable(Enumerable.Range(0, 3).Select(i => new Row { TraceId = i, VoltageMv = [1] }), Definition());
        var view = model.Transform(data);
        using var cursor = view.GetRowCursor([view.Schema["TraceId"]]);
        Assert.True(cursor.MoveNext());
        Assert.Throws<ArgumentException>(() => cursor.GetGetter<VBuffer<float>>(view.Schema[OnnxModelInfo.ParametersColumn]));
    }

    [Fact]
    public void Transform_WrongColumn_SaysWhatIsExpected()
    {
        using var model = OnnxModel.Load(TestModels.Bytes(TestModels.Info()));
        AssertArgument(
            "columns: found 'Trace', 'Gain', 'Offset', 'Cell'; expected 'VoltageMv', which the model reads",
            () => model.Transform(_ml.Data.LoadFromEnumerable(TestRows.Rows(1)))
        );
        var renamed = _ml
            .Transforms.CopyColumns("VoltageMv", "Gain")
            .Fit(_ml.Data.LoadFromEnumerable(TestRows.Rows(1)))
            .Transform(_ml.Data.LoadFromEnumerable(TestRows.Rows(1)));
        AssertArgument("column 'VoltageMv': found Single; expected a vector of 4 Single", () => model.Transform(renamed));
    }

    [Fact]
    public void Load_MissingFile_NamesThePath()
    {
        var e = Assert.Throws<FileNotFoundException>(() => OnnxModel.Load("no/such.onnx"));
        Assert.Equal("model 'no/such.onnx': found no such file; expected an .onnx model", e.Message);
    }

    [Fact]
    public void Load_NotAModel_SaysSoInOneLine()
    {
        var e = Assert.Throws<InvalidDataException>(() => OnnxModel.Load("not a model at all"u8.ToArray()));
        Assert.Equal("model: found bytes that are no protocol buffer; expected an ONNX model", e.Message);
        Assert.Throws<InvalidDataException>(() => OnnxModel.Load([]));
        Assert.Throws<InvalidDataException>(() => OnnxModel.Load(TestModels.Bytes(TestModels.Info())[..100]));
    }

    [Fact]
    public void Load_ForeignModel_SaysWhatIsMissing()
    {
        var e = Assert.Throws<InvalidDataException>(() => OnnxModel.Load(TestModels.Bytes(TestModels.Info(), metadata: false)));
        Assert.Equal("model: metadata: found no entry; expected 'glifml.version', which every model of GlifMl has", e.Message);
    }

    [Fact]
    public void Load_GraphUnlikeMetadata_SaysHow()
    {
        AssertInvalid("model: found the outputs Score; expected Parameters", TestModels.Bytes(TestModels.Info(), output: "Score"));
        AssertInvalid(
            "model: input VoltageMv: found Single[N, 4]; expected Single[N, 5]",
            TestModels.Bytes(TestModels.Info() with { Samples = 5 })
        );
        AssertInvalid(
            "model: output Parameters: found Single[N, 2]; expected Single[N, 1]",
            TestModels.Bytes(TestModels.Info() with { Parameters = [new("C", "F")] })
        );
    }

    [PythonOnnxFact]
    public void Bytes_WithMetadata_PassFullCheck() => PythonOnnxFactAttribute.Check(TestModels.Bytes(TestModels.Info(stimulus: true)));

    private static IEnumerable<float[]> Traces(int count) => Enumerable.Range(0, count).Select(i => new float[] { i, i, i, i + 1 });

    private static SchemaDefinition Definition()
    {
        var definition = SchemaDefinition.Create(typeof(Row));
        definition["VoltageMv"].ColumnType = new VectorDataViewType(NumberDataViewType.Single, TestModels.Samples);
        return definition;
    }

    private IDataView Data(int count) =>
        _ml.Data.LoadFromEnumerable(Traces(count).Select((t, i) => new Row { TraceId = i, VoltageMv = t }).ToArray(), Definition());

    private static void AssertArgument(string message, Func<object> act) =>
        Assert.StartsWith(message, Assert.ThrowsAny<ArgumentException>(act).Message, StringComparison.Ordinal);

    private static void AssertInvalid(string message, byte[] model) =>
        Assert.Equal(message, Assert.Throws<InvalidDataException>(() => OnnxModel.Load(model)).Message);

    private sealed class Row
    {
        public int TraceId { get; set; }

        public float[] VoltageMv { get; set; } = [];
    }

    private sealed class Scored
    {
        public int TraceId { get; set; }

        public float[] Parameters { get; set; } = [];
    }
}
