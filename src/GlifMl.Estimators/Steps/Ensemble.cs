using GlifMl.Onnx;
using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>
/// What several networks give of one trace, as one answer: the mean of their scores, or where they give posteriors the mixture of all their
/// mixtures, each as likely as the others (Lakshminarayanan et al. 2017, arXiv:1612.01474).
/// </summary>
internal sealed class EnsembleEstimator : OnnxExportableEstimator<OnnxExportableTransformer>
{
    private readonly string[] _scores;
    private readonly string _score;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="scores">The members' score columns.</param>
    /// <param name="score">The score column that it adds.</param>
    public EnsembleEstimator(MLContext ml, IReadOnlyList<string> scores, string score)
        : base(ml, scores, score) => (_scores, _score) = ([.. scores], score);

    /// <inheritdoc/>
    public override OnnxExportableTransformer Fit(IDataView input) =>
        MixtureColumn.Of(input.Schema[_scores[0]]) is { } column
            ? new MixedMembersTransformer(input.Schema, _scores, _score, column)
            : new MeanMemberTransformer(input.Schema, _scores, _score);
}

/// <summary>The mean of the members' scores, in label units: that is what each of them learnt to be near in.</summary>
internal sealed class MeanMemberTransformer : OnnxExportableTransformer
{
    internal MeanMemberTransformer(DataViewSchema fittedOn, string[] scores, string output)
        : base(
            fittedOn,
            scores,
            output,
            new VectorDataViewType(NumberDataViewType.Single, ((VectorDataViewType)fittedOn[scores[0]].Type).Size)
        ) { }

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            for (var k = 0; k < output.Length; k++)
            {
                var sum = 0.0;
                for (var member = 0; member < inputs.Count; member++)
                    sum += inputs[member][k];
                output[k] = (float)(sum / inputs.Count);
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs) =>
        inputs[0] with
        {
            Name = graph.Node("Mean", [.. inputs.Select(input => input.Name)]),
        };
}

/// <summary>The mixture of the members' mixtures.</summary>
internal sealed class MixedMembersTransformer : OnnxExportableTransformer
{
    private readonly MixtureShape _one,
        _all;

    internal MixedMembersTransformer(DataViewSchema fittedOn, string[] scores, string output, MixtureColumn column)
        : this(fittedOn, scores, output, column, column.Shape with { Components = column.Shape.Components * scores.Length }) { }

    private MixedMembersTransformer(DataViewSchema fittedOn, string[] scores, string output, MixtureColumn column, MixtureShape all)
        : base(
            fittedOn,
            scores,
            output,
            new VectorDataViewType(NumberDataViewType.Single, all.Size),
            (column with { Shape = all }).ToAnnotations()
        ) => (_one, _all) = (column.Shape, all);

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            var members = new GaussianMixture[inputs.Count];
            for (var member = 0; member < members.Length; member++)
                members[member] = _one.Read(inputs[member]);
            // Its weights are scaled to a sum of 1.
            var mixture = new GaussianMixture(
                [.. members.SelectMany(m => m.Weights)],
                [.. members.SelectMany(m => m.Means)],
                [.. members.SelectMany(m => m.Factors)]
            );
            _all.Write(mixture, output);
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        MixtureNodes[] members = [.. inputs.Select(input => MixtureNodes.Read(graph, _one, input.Name))];
        string Joined(Func<MixtureNodes, string> part) => graph.Node("Concat", [.. members.Select(part)], ("axis", 1L));
        var weights = graph.Node("Mul", [Joined(m => m.Weights), graph.Constant(1f / members.Length)]);
        return new MixtureNodes(graph, _all, weights, Joined(m => m.Means), Joined(m => m.Factors)).ToScore();
    }
}

/// <summary>How far the answers of an ensemble's members lie apart: the standard deviation of each parameter over them.</summary>
internal sealed class SpreadEstimator : OnnxExportableEstimator<SpreadTransformer>
{
    private readonly string[] _members;
    private readonly string _output;

    /// <summary>Creates the estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="members">The members' parameters, SI units.</param>
    /// <param name="output">The column that it adds.</param>
    public SpreadEstimator(MLContext ml, IReadOnlyList<string> members, string output)
        : base(ml, members, output) => (_members, _output) = ([.. members], output);

    /// <inheritdoc/>
    public override SpreadTransformer Fit(IDataView input) => new(input.Schema, _members, _output);
}

/// <summary>Parameters of several members to their standard deviation, with one degree of freedom less than there are members.</summary>
internal sealed class SpreadTransformer : OnnxExportableTransformer
{
    // Where all are 0 there is nothing to divide by.
    private const float Smallest = 1e-37f;

    private readonly int _count;

    internal SpreadTransformer(DataViewSchema fittedOn, string[] members, string output)
        : this(fittedOn, members, output, ((VectorDataViewType)fittedOn[members[0]].Type).Size) { }

    private SpreadTransformer(DataViewSchema fittedOn, string[] members, string output, int count)
        : base(fittedOn, members, output, new VectorDataViewType(NumberDataViewType.Single, count)) => _count = count;

    /// <inheritdoc/>
    protected override RowMap CreateMap() =>
        (inputs, output) =>
        {
            for (var k = 0; k < output.Length; k++)
            {
                var (mean, squares) = (0.0, 0.0);
                for (var member = 0; member < inputs.Count; member++)
                    mean += inputs[member][k] / inputs.Count;
                for (var member = 0; member < inputs.Count; member++)
                    squares += (inputs[member][k] - mean) * (inputs[member][k] - mean);
                output[k] = (float)Math.Sqrt(squares / (inputs.Count - 1));
            }
        };

    /// <inheritdoc/>
    protected override OnnxValue Build(OnnxGraph graph, IReadOnlyList<OnnxValue> inputs)
    {
        (string, OnnxAttributeValue)[] overMembers = [("axes", new long[] { 1 }), ("keepdims", 1L)];
        var all = graph.Node("Concat", [.. inputs.Select(input => graph.Node("Unsqueeze", [input.Name, graph.Integers(1)]))], ("axis", 1L));
        var apart = graph.Node("Sub", [all, graph.Node("ReduceMean", [all], overMembers)]);
        // In parts of the largest: the square of a capacitance in F is near the end of what a Single holds.
        var largest = graph.Node("ReduceMax", [graph.Node("Abs", [all])], overMembers);
        var part = graph.Node("Div", [apart, graph.Node("Max", [largest, graph.Constant(Smallest)])]);
        var squares = graph.Node("ReduceSum", [graph.Node("Mul", [part, part]), graph.Integers(1)], ("keepdims", 0L));
        var deviation = graph.Node("Sqrt", [graph.Node("Mul", [squares, graph.Constant(1f / (inputs.Count - 1))])]);
        return new OnnxValue(graph.Node("Mul", [deviation, graph.Node("Squeeze", [largest, graph.Integers(1)])]), _count);
    }
}
