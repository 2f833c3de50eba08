using GlifMl.Onnx;
using GlifMl.Tests.Torch.Modules;
using GlifMl.Torch;
using static TorchSharp.torch;

namespace GlifMl.Tests.Torch.Training;

[Collection(TorchTests.Name)]
public sealed class BiLstmModuleTests
{
    private const int Rows = 5;

    public BiLstmModuleTests()
    {
        TorchRuntime.EnsureLoaded();
        set_num_threads(1); // threads cost more than problems of this size
    }

    public static TheoryData<ReadOut, int, bool, bool> Networks
    {
        get
        {
            var networks = new TheoryData<ReadOut, int, bool, bool>();
            foreach (var readOut in Enum.GetValues<ReadOut>())
            {
                foreach (var layers in new[] { 1, 2 })
                {
                    foreach (var bidirectional in new[] { false, true })
                    {
                        networks.Add(readOut, layers, bidirectional, false);
                        networks.Add(readOut, layers, bidirectional, true);
                    }
                }
            }

            return networks;
        }
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Forward_FusedKernel_AgreesWithTorchInScoresAndGradients(ReadOut readOut, int layers, bool bidirectional, bool shortTraces)
    {
        using var scope = NewDisposeScope();
        var (traces, lengths) = Traces(shortTraces);
        var (fused, torch) = (Module(LstmKernel.Fused), Module(LstmKernel.Torch));
        BiLstmModule Module(LstmKernel kernel) => Create(readOut, layers, bidirectional, kernel);

        TinyTraces.AssertClose(Scores(torch, traces, lengths), Scores(fused, traces, lengths));
        foreach (var (expected, actual) in Gradients(torch, traces, lengths).Zip(Gradients(fused, traces, lengths)))
            TinyTraces.AssertClose(expected, actual);
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Export_AnyNetwork_AgreesWithTorchAndWithScoringInProcess(ReadOut readOut, int layers, bool bidirectional, bool shortTraces)
    {
        using var scope = NewDisposeScope();
        var (traces, lengths) = Traces(shortTraces);
        var module = Create(readOut, layers, bidirectional, LstmKernel.Torch);
        var expected = Scores(module, traces, lengths);

        var rows = TinyTraces.Rows(Rows);
        for (var i = 0; i < Rows && lengths is not null; i++)
            rows[i].Features.AsSpan(lengths[i] * TinyTraces.Channels).Fill(float.NaN);
        var view = TinyTraces.View(rows);
        var transformer = new BiLstmTransformer(
            view.Schema,
            new TrainerColumns(),
            Options(readOut, layers, bidirectional, LstmKernel.Fused),
            module.LayerWeights(),
            module.Head(),
            posterior: null,
            shortTraces
        );

        TinyTraces.AssertClose(expected, TinyTraces.Score(transformer, view));
        var onnx = TinyTraces.Export(transformer, view);
        TinyTraces.AssertClose(expected, TinyTraces.Run(onnx, TinyTraces.Features(rows), Rows, TinyTraces.Samples * TinyTraces.Channels));
        Assert.Equal(module.parameters().Sum(p => p.numel()), transformer.ParameterCount);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Export_EstimatesBeside_AgreesWithTorchAndWithScoringInProcess(bool posterior)
    {
        using var scope = NewDisposeScope();
        var (traces, _) = Traces(shortTraces: false);
        float[][] beside = [.. Enumerable.Range(0, Rows).Select(i => new[] { (0.3f * i) - 1, 2 - i, i == 4 ? 1e6f : 0 })];
        var scale = new BesideScale([0.1f, -0.2f, 0], [2, 0.5f, 1], [-1, -6, -0.5f], [6, 0.25f, 6]);
        var head = posterior ? new MixtureHead(new MixtureShape(2, TinyTraces.Targets), [0.2, 0.1], [1.5, 0.7]) : null;
        var options = Options(ReadOut.Both, 2, bidirectional: true, LstmKernel.Fused);
        random.manual_seed(3);
        var estimates = new BesideEstimates(scale, [1, 0, 0.5f, 0, 2, 0], [0.2f, -0.1f], [-1, -2], [1, 0.5f]);
        estimates = head is null ? estimates : estimates.ForMeans(head);
        var module = new BiLstmModule(options, TinyTraces.Channels, head?.RawSize ?? TinyTraces.Targets, estimates);
        var numbers = empty(Rows, 3);
        TensorMemory.Fill(numbers, [.. beside.SelectMany(b => b)]);
        float[] expected;
        using (no_grad())
            expected = TensorMemory.Copy(module.Forward(traces, numbers, lengths: null).contiguous());
        if (head is not null)
        {
            var scores = new float[Rows * head.Shape.Size];
            head.Read(expected, scores);
            expected = scores;
        }

        var view = TinyTraces.View(TinyTraces.Rows(Rows), beside);
        var columns = new TrainerColumns(Beside: "Beside");
        var fitted = new BiLstmTransformer(view.Schema, columns, options, module.LayerWeights(), module.Head(), head, false);
        TinyTraces.AssertClose(expected, TinyTraces.Score(fitted, view));
        TinyTraces.AssertClose(
            expected,
            [.. GlifMl.Tests.Estimators.TraceRows.Run(TinyTraces.Export(fitted, view), view, "Score").SelectMany(row => row)]
        );
        Assert.Equal(module.parameters().Sum(p => p.numel()), fitted.ParameterCount);
    }

    [Fact]
    public void Fit_EstimatesThatAreTheLabels_AreAnsweredFromTheStart()
    {
        var rows = TinyTraces.Rows(64);
        var view = TinyTraces.View(rows, [.. rows.Select(r => new[] { (3 * r.Label[0]) - r.Label[1], r.Label[1], 7 })]);
        var trainer = new BiLstmTrainer(
            new TrainerColumns(Beside: "Beside"),
            new BiLstmOptions
            {
                Hidden = 4,
                Epochs = 1,
                LearningRate = 1e-9,
            },
            validation: null,
            run: null
        );
        var error = TinyTraces.MeanSquaredError(TinyTraces.Score(trainer.Fit(view), view), rows);
        // What the untrained network adds is a tenth of what it would answer.
        Assert.InRange(error, 0, 0.01);
    }

    [Theory]
    [InlineData(LstmKernel.Fused)]
    [InlineData(LstmKernel.Torch)]
    public void Forward_PaddedBatch_EqualsTheCutTracesOneByOne(LstmKernel kernel)
    {
        using var scope = NewDisposeScope();
        var (traces, lengths) = Traces(shortTraces: true);
        var module = Create(ReadOut.Both, 2, bidirectional: true, kernel);
        var padded = Scores(module, traces, lengths);
        var gradients = Gradients(module, traces, lengths);

        var sums = gradients.ConvertAll(g => new float[g.Length]);
        for (var i = 0; i < Rows; i++)
        {
            var cut = traces.narrow(0, i, 1).narrow(1, 0, lengths![i]).contiguous();
            TinyTraces.AssertClose(padded.AsSpan(i * TinyTraces.Targets, TinyTraces.Targets), Scores(module, cut, lengths: null));
            foreach (var (sum, gradient) in sums.Zip(Gradients(module, cut, lengths: null)))
            {
                for (var k = 0; k < sum.Length; k++)
                    sum[k] += gradient[k];
            }
        }

        foreach (var (expected, actual) in sums.Zip(gradients))
            TinyTraces.AssertClose(expected, actual);
    }

    [Theory]
    [InlineData(ReadOut.Final)]
    [InlineData(ReadOut.Mean)]
    public void Forward_LongPaddedBatch_KernelsAgree(ReadOut readOut)
    {
        using var scope = NewDisposeScope();
        var traces = randn(6, 700, TinyTraces.Channels);
        int[] lengths = [700, 1, 350, 699, 2, 513];
        for (var row = 0; row < 6; row++)
            traces[row].narrow(0, lengths[row], 700 - lengths[row]).zero_();
        var fused = Scores(Create(readOut, 2, bidirectional: true, LstmKernel.Fused), traces, lengths);
        var torch = Scores(Create(readOut, 2, bidirectional: true, LstmKernel.Torch), traces, lengths);
        TinyTraces.AssertClose(fused, torch);
    }

    private static BiLstmOptions Options(ReadOut readOut, int layers, bool bidirectional, LstmKernel kernel) =>
        new()
        {
            Hidden = 5,
            Layers = layers,
            Bidirectional = bidirectional,
            ReadOut = readOut,
            LayerNorm = layers == 2,
            Kernel = kernel,
            Threads = 1,
        };

    private static BiLstmModule Create(ReadOut readOut, int layers, bool bidirectional, LstmKernel kernel)
    {
        random.manual_seed(3);
        return new BiLstmModule(Options(readOut, layers, bidirectional, kernel), TinyTraces.Channels, TinyTraces.Targets);
    }

    private static (Tensor Traces, int[]? Lengths) Traces(bool shortTraces)
    {
        var traces = empty(Rows, TinyTraces.Samples, TinyTraces.Channels);
        TensorMemory.Fill(traces, TinyTraces.Features(TinyTraces.Rows(Rows)));
        if (!shortTraces)
            return (traces, null);
        int[] lengths = [TinyTraces.Samples, 1, 7, 11, 4];
        for (var i = 0; i < Rows; i++)
            TensorMemory
                .Values(traces)
                .Slice(i * TinyTraces.Samples * TinyTraces.Channels, TinyTraces.Samples * TinyTraces.Channels)[
                    (lengths[i] * TinyTraces.Channels)..
                ]
                .Clear();
        return (traces, lengths);
    }

    private static float[] Scores(BiLstmModule module, Tensor traces, int[]? lengths)
    {
        using var off = no_grad();
        return TensorMemory.Copy(module.Forward(traces, beside: null, lengths).contiguous());
    }

    // Of the sum of squares, which a batch and its rows one by one share.
    private static List<float[]> Gradients(BiLstmModule module, Tensor traces, int[]? lengths)
    {
        module.Forward(traces, beside: null, lengths).square().sum().backward();
        FusedLstm.ThrowIfFailed();
        var gradients = module.parameters().Select(p => TensorMemory.Copy(p.grad!.contiguous())).ToList();
        foreach (var parameter in module.parameters())
            parameter.grad = null;
        return gradients;
    }

    // A trace with less noise than any that was trained on is read as the one with the least.
    [Fact]
    public void BesideScale_OfTrainingRows_CutsOffWhereTheyEnd()
    {
        float[][] rows =
        [
            [1, 5],
            [2, 5],
            [3, 5],
        ];
        var scale = BesideScale.Of(rows, [2, 5], [2, 0]);
        Assert.Equal([-2, 0], scale.Lows);
        Assert.Equal([2, 0], scale.Highs);
        var scaled = new float[2];
        scale.Apply([-50, 9], scaled);
        Assert.Equal([-2, 0], scaled);
        scale.Apply([2.5f, 5], scaled);
        Assert.Equal([1, 0], scaled);
        // Six deviations at most, however far a row was.
        var far = BesideScale.Of([.. rows, [90, 5]], [2, 5], [2, 0]);
        Assert.Equal(6, far.Highs[0]);
        // Where numbers are exact, a twentieth of what is between farther.
        Assert.Equal((-2.2f, 2.2f, 0), (scale.Wider().Lows[0], scale.Wider().Highs[0], scale.Wider().Highs[1]));
        Assert.Equal(6, far.Wider().Highs[0]);
    }
}
