using GlifMl.Lstm;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch;

/// <summary>A fitted bidirectional LSTM: traces to scores. Scoring makes no libtorch call.</summary>
internal sealed class BiLstmTransformer : OnnxExportableTransformer, ITrainedNetwork
{
    private readonly BiLstmOptions _options;
    private readonly IReadOnlyList<LstmLayer> _layers;
    private readonly HeadWeights _head;
    private readonly MixtureHead? _posterior;
    private readonly bool _shortTraces;

    internal BiLstmTransformer(
        DataViewSchema fittedOn,
        TrainerColumns columns,
        BiLstmOptions options,
        IReadOnlyList<LstmLayer> layers,
        HeadWeights head,
        MixtureHead? posterior,
        bool shortTraces
    )
        : base(
            fittedOn,
            columns.Inputs,
            columns.Score,
            new VectorDataViewType(NumberDataViewType.Single, posterior?.Shape.Size ?? head.Bias.Length),
            posterior?.Column.ToAnnotations()
        ) => (_options, _layers, _head, _posterior, _shortTraces) = (options, layers, head, posterior, shortTraces);

    /// <inheritdoc/>
    public long ParameterCount =>
        _layers.Sum(l =>
            l.Directions.Sum(d => (long)d.InputWeights.Length + d.HiddenWeights.Length + d.InputBias.Length + d.HiddenBias.Length)
        )
        + (_head.NormGain?.Length ?? 0)
        + (_head.NormBias?.Length ?? 0)
        + (_head.Correction?.Count ?? 0)
        + _head.Weights.Length
        + _head.Bias.Length;

    /// <inheritdoc/>
    protected override int BatchRows => 16; // one AVX-512 register of traces

    /// <inheritdoc/>
    protected override RowMap CreateMap()
    {
        var scorer = new BiLstmScorer(_options, _layers, _head);
        return (inputs, output) => Score(scorer, inputs[0], inputs.Count > 1 ? inputs[1] : [], 1, output);
    }

    /// <inheritdoc/>
    protected override BatchMap CreateBatchMap()
    {
        var scorer = new BiLstmScorer(_options, _layers, _head);
        return (inputs, output) => Score(scorer, inputs[0].Span, inputs.Count > 1 ? inputs[1].Span : [], inputs.Rows, output);
    }

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        var (trace, lengths) = _shortTraces ? OnnxLayers.ValidSamples(graph, inputs[0], _layers[0].InputSize) : (inputs[0], "");
        var lstm = LstmOnnx.Add(graph, trace, _layers, lengths);
        var read = _options.ReadOut switch
        {
            ReadOut.Final => lstm.FinalStates,
            ReadOut.Mean => OnnxLayers.MeanOverTime(graph, lstm.Sequence, lengths),
            _ => OnnxLayers.Concatenate(graph, lstm.FinalStates, OnnxLayers.MeanOverTime(graph, lstm.Sequence, lengths)),
        };
        if (_head.NormGain is not null)
            read = OnnxLayers.LayerNormalization(graph, read, _head.NormGain, _head.NormBias, HeadWeights.NormEpsilon);
        if (_head.Correction is not { } correction)
        {
            var plain = OnnxLayers.Linear(graph, read, _head.Weights, _head.Bias);
            return _posterior?.Add(graph, plain.Name).ToScore() ?? plain;
        }

        var numbers = correction.Estimates.Scale.Add(graph, inputs[1]);
        var hidden = OnnxLayers.Linear(graph, OnnxLayers.Concatenate(graph, read, numbers), correction.Weights, correction.Bias);
        var gated = hidden with { Name = graph.Node("Mul", [hidden.Name, graph.Node("Sigmoid", [hidden.Name])]) };
        var corrected = OnnxLayers.Linear(graph, OnnxLayers.Concatenate(graph, read, gated), _head.Weights, _head.Bias);
        var estimates = correction.Estimates.Add(graph, numbers);
        var output = corrected with { Name = graph.Node("Add", [estimates.Name, corrected.Name]) };
        return _posterior?.Add(graph, output.Name).ToScore() ?? output;
    }

    private void Score(BiLstmScorer scorer, ReadOnlySpan<float> traces, ReadOnlySpan<float> beside, int rows, Span<float> output)
    {
        if (_posterior is null)
        {
            scorer.Score(traces, beside, rows, output);
            return;
        }

        var raw = new float[rows * _posterior.RawSize];
        scorer.Score(traces, beside, rows, raw);
        _posterior.Read(raw, output);
    }
}
