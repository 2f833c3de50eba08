using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>An ML.NET estimator whose transformer is an <see cref="OnnxExportableTransformer"/>.</summary>
/// <typeparam name="TTransformer">The fitted transformer.</typeparam>
public abstract class OnnxExportableEstimator<TTransformer> : IEstimator<TTransformer>
    where TTransformer : OnnxExportableTransformer
{
    private readonly IReadOnlyList<string> _inputColumns;
    private readonly string _outputColumn;

    /// <summary>Creates an estimator.</summary>
    /// <param name="ml">The ML.NET context.</param>
    /// <param name="inputColumns">The columns that the transformer reads: numbers or vectors of Single.</param>
    /// <param name="outputColumn">The vector of Single that it adds.</param>
    protected OnnxExportableEstimator(MLContext ml, IReadOnlyList<string> inputColumns, string outputColumn) =>
        (Ml, _inputColumns, _outputColumn) = (ml, inputColumns, outputColumn);

    /// <summary>The ML.NET context.</summary>
    protected MLContext Ml { get; }

    /// <inheritdoc/>
    public abstract TTransformer Fit(IDataView input);

    /// <inheritdoc/>
    /// <remarks>
    /// A schema shape's column has no public constructor, so stock estimators that add a vector of Single of this name give it.
    /// </remarks>
    /// <exception cref="ArgumentException">A column is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        foreach (var name in _inputColumns)
        {
            if (inputSchema.All(c => c.Name != name))
                throw new ArgumentException(
                    $"columns: found {string.Join(", ", inputSchema.Select(c => $"'{c.Name}'"))}; expected '{name}'",
                    nameof(inputSchema)
                );
        }

        const string Converted = "GlifMl.Converted";
        var shape = Ml
            .Transforms.Conversion.ConvertType(Converted, _inputColumns[0], DataKind.Single)
            .Append(Ml.Transforms.Concatenate(_outputColumn, Converted))
            .GetOutputSchema(inputSchema);
        return new SchemaShape(shape.Where(c => c.Name != Converted));
    }
}
