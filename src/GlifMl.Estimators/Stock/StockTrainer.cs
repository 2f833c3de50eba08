using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>
/// Learns a label vector with a trainer of ML.NET's own, which learns a number: a model a slot, and the scores side by side. All that it is
/// fitted to is ML.NET's own.
/// </summary>
internal sealed class StockTrainer : IEstimator<ITransformer>
{
    private const int CacheMebibytes = 1024;

    private readonly StockPlace _place;
    private readonly Func<MLContext, string, IEstimator<ITransformer>> _create;

    /// <summary>Creates the trainer.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="name">Its name in definitions.</param>
    /// <param name="create">Makes the trainer of a number, from a seeded context and a label column.</param>
    public StockTrainer(StockPlace place, string name, Func<MLContext, string, IEstimator<ITransformer>> create) =>
        (_place, Name, _create) = (place, name, create);

    /// <summary>Its name in definitions.</summary>
    public string Name { get; }

    /// <summary>Told how many outputs are fitted, of how many, before each. Default null: nobody.</summary>
    public Action<int, int>? Progress { get; set; }

    /// <inheritdoc/>
    /// <exception cref="InvalidDataException">There are no rows, more than fit, or a feature or label is not finite.</exception>
    public ITransformer Fit(IDataView input)
    {
        var table = new TrainingTable(input, _place.Input, _place.Label, CacheMebibytes);
        var type = input.Schema[_place.Input].Type;
        var steps = new List<ITransformer>();
        var scores = new List<string>();
        var scored = table.View(_place.Ml, 0, _place.Input, type);
        for (var k = 0; k < table.Outputs; k++)
        {
            Progress?.Invoke(k, table.Outputs);
            // A context of its own for each: what it draws does not depend on what was fitted before.
            var ml = new MLContext(_place.Seed);
            scores.Add(Invariant.Text($"{_place.Output}{k + 1}"));
            Add(_create(ml, TrainingTable.LabelColumn).Fit(table.View(ml, k, _place.Input, type)));
            Add(ml.Transforms.CopyColumns(scores[k], TraceColumns.Score).Fit(scored));
        }

        Add(_place.Ml.Transforms.Concatenate(_place.Output, [.. scores]).Fit(scored));
        return new TransformerChain<ITransformer>([.. steps]);

        void Add(ITransformer step)
        {
            steps.Add(step);
            scored = step.Transform(scored);
        }
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        _place.Ml.Transforms.Concatenate(_place.Output, _place.Input).GetOutputSchema(inputSchema);
}

/// <summary>A transform of ML.NET's own that is fitted to one target too: its label is a number, the chain's a vector.</summary>
internal sealed class StockLabelledEstimator : IEstimator<ITransformer>
{
    private const string Label = "GlifMl.StockLabel";

    private readonly StockPlace _place;
    private readonly int _target;
    private readonly Func<string, IEstimator<ITransformer>> _create;

    /// <summary>Creates the estimator.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="target">The target; null for the first.</param>
    /// <param name="create">Makes ML.NET's own estimator for a label column.</param>
    /// <exception cref="ArgumentException">There is no such target.</exception>
    public StockLabelledEstimator(StockPlace place, string? target, Func<string, IEstimator<ITransformer>> create)
    {
        (_place, _create) = (place, create);
        _target = target is null ? 0 : place.Targets.ToList().IndexOf(target);
        if (_target < 0)
            throw new ArgumentException(
                $"label_column_name: found {Quoted.Of(target!)}; expected one of {string.Join(", ", place.Targets)}"
            );
    }

    /// <inheritdoc/>
    public ITransformer Fit(IDataView input)
    {
        var size = LabelledRows.Size(input, _place.Label);
        var read = SchemaDefinition.Create(typeof(Vector));
        (read[0].ColumnName, read[0].ColumnType) = (_place.Label, new VectorDataViewType(NumberDataViewType.Single, size));
        var given = SchemaDefinition.Create(typeof(Number));
        given[0].ColumnName = Label;
        var slot = _target;
        var labelled = _place.Ml.Transforms.CustomMapping<Vector, Number>(
            (vector, number) => number.Value = vector.Values.GetItemOrDefault(slot),
            contractName: null,
            read,
            given
        );
        return _create(Label).Fit(labelled.Fit(input).Transform(input));
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        _place.Ml.Transforms.Concatenate(_place.Output, _place.Input).GetOutputSchema(inputSchema);

    private sealed class Vector
    {
        public VBuffer<float> Values { get; set; }
    }

    private sealed class Number
    {
        public float Value { get; set; }
    }
}
