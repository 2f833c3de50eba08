using Microsoft.ML;

namespace GlifMl.Estimators;

/// <summary>
/// Adds recording noise to the voltage of training rows, in place: the noisy column takes the name of the clean one. It is no step of a
/// model, which is given recordings that are noisy already.
/// </summary>
public sealed class NoiseEstimator : IEstimator<NoiseTransformer>
{
    private readonly string _column;
    private readonly NoiseOptions _options;

    /// <summary>Creates the estimator.</summary>
    /// <param name="column">The trace: [samples] in mV, or [samples, channels] with the voltage in mV as the first channel.</param>
    /// <param name="options">How much noise.</param>
    public NoiseEstimator(string column, NoiseOptions options) => (_column, _options) = (column, options);

    /// <inheritdoc/>
    public NoiseTransformer Fit(IDataView input) => new(_column, TraceShape.Of(input.Schema[_column]), _options);

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">The column is missing.</exception>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
        inputSchema.Any(c => c.Name == _column)
            ? inputSchema
            : throw new ArgumentException(
                $"column '{_column}': expected in the data, found {string.Join(", ", inputSchema.Select(c => $"'{c.Name}'"))}",
                nameof(inputSchema)
            );
}
