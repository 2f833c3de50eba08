using System.ComponentModel.DataAnnotations;
using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Tests.Pipelines.Catalog;

/// <summary>The options of a trainer that a user adds.</summary>
public sealed record ConstantOptions
{
    /// <summary>The score of every label. Default 0.</summary>
    [Range(-1e9, 1e9)]
    public double Value { get; init; }
}

/// <summary>
/// A trainer from outside the library: it scores a constant, which it reads out of the trace so that the graph has an input.
/// </summary>
internal sealed class ConstantTrainer : OnnxExportableEstimator<ConstantTransformer>
{
    private readonly Func<DataViewSchema, ConstantTransformer> _fit;

    public ConstantTrainer(MLContext ml, string trace, string score, int labels, double value)
        : base(ml, [trace], score) => _fit = schema => new ConstantTransformer(schema, trace, score, labels, (float)value);

    public static EstimatorCatalog Catalog()
    {
        var catalog = new EstimatorCatalog();
        catalog.Add<ConstantOptions>(
            "constant",
            EstimatorRole.Trainer,
            "Scores a constant.",
            (options, c) => new ConstantTrainer(c.Ml, c.Trace, ChainContext.ScoreColumn, c.Targets.Count, options.Value)
        );
        return catalog;
    }

    public override ConstantTransformer Fit(IDataView input) => _fit(input.Schema);
}

internal sealed class ConstantTransformer(DataViewSchema fittedOn, string trace, string score, int labels, float value)
    : OnnxExportableTransformer(fittedOn, [trace], score, new VectorDataViewType(NumberDataViewType.Single, labels))
{
    protected override RowMap CreateMap() => (_, scores) => scores.Fill(value);

    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        // The shape alone of the trace counts, so NaN at spike cuts does no harm: [N, samples] to [N, labels] of zeros.
        var rows = graph.Node("Slice", [graph.Node("Shape", [inputs[0].Name]), graph.Integers(0), graph.Integers(1)]);
        var shape = graph.Node("Concat", [rows, graph.Integers(labels)], ("axis", 0L));
        return new OnnxValue(graph.Node("Expand", [graph.Constant(value), shape]), labels);
    }
}
