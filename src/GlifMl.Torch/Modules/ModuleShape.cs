using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Torch;

/// <summary>What a module reads and gives.</summary>
/// <param name="Samples">Samples of a trace.</param>
/// <param name="Channels">Channels of a sample.</param>
/// <param name="Targets">Scores of a trace: the slots of the label vector.</param>
public sealed record ModuleShape(int Samples, int Channels, int Targets)
{
    /// <summary>The shape of two columns.</summary>
    /// <exception cref="ArgumentException">A column is missing, or is not a vector of Single of known size.</exception>
    internal static ModuleShape Of(DataViewSchema schema, string features, string label)
    {
        var (trace, targets) = (Vector(schema, features), Vector(schema, label));
        var channels = trace.Dimensions is [_, var c] ? c : 1;
        return new ModuleShape(trace.Size / channels, channels, targets.Size);
    }

    private static VectorDataViewType Vector(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is not { } column
            ? throw new ArgumentException(
                $"column '{name}': expected in the data, found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}",
                nameof(name)
            )
        : column.Type is VectorDataViewType { Size: > 0 } vector && vector.ItemType == NumberDataViewType.Single ? vector
        : throw new ArgumentException($"column '{name}' is {column.Type}; expected a vector of Single of known size", nameof(name));
}
