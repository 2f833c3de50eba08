using Microsoft.ML.Data;

namespace GlifMl.Estimators;

/// <summary>The shape of a trace column: a vector of samples, or of samples x channels with the channel running fastest.</summary>
/// <param name="Samples">Samples in time.</param>
/// <param name="Channels">Values a sample.</param>
public readonly record struct TraceShape(int Samples, int Channels)
{
    /// <summary>The column type of this shape.</summary>
    public VectorDataViewType Type =>
        Channels == 1
            ? new VectorDataViewType(NumberDataViewType.Single, Samples)
            : new VectorDataViewType(NumberDataViewType.Single, Samples, Channels);

    /// <summary>The shape of a column.</summary>
    /// <exception cref="ArgumentException">The column is not a vector of Single of known size.</exception>
    public static TraceShape Of(Microsoft.ML.DataViewSchema.Column column) =>
        column.Type is VectorDataViewType { Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single
            ? new TraceShape(vector.Dimensions[0], vector.Dimensions.Length > 1 ? vector.Size / vector.Dimensions[0] : 1)
            : throw new ArgumentException(
                $"column '{column.Name}' is {column.Type}; expected a trace: a vector of Single of known size",
                nameof(column)
            );
}
