using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>What a model is given, checked against what it reads.</summary>
/// <param name="info">What the model reads.</param>
internal sealed class ModelInputs(OnnxModelInfo info)
{
    /// <summary>Counts the traces that lie one after the other.</summary>
    /// <exception cref="ArgumentException">The lengths do not fit the model.</exception>
    public int Count(ReadOnlyMemory<float> voltageMv, ReadOnlyMemory<float> stimulusPa, ReadOnlyMemory<float> known)
    {
        var samples = info.Samples;
        if (voltageMv.Length % samples != 0)
            throw new ArgumentException(
                $"voltage: found {voltageMv.Length} samples; expected whole traces of {samples}",
                nameof(voltageMv)
            );
        if (info.ReadsStimulus && stimulusPa.Length != voltageMv.Length)
            throw new ArgumentException(
                $"stimulus: found {stimulusPa.Length} samples; expected {voltageMv.Length}, as many as the voltage has",
                nameof(stimulusPa)
            );
        if (!info.ReadsStimulus && !stimulusPa.IsEmpty)
            throw new ArgumentException(
                $"stimulus: found {stimulusPa.Length} samples; expected none, because the model reads none",
                nameof(stimulusPa)
            );

        if (known.Length != voltageMv.Length / samples * info.Known.Count)
            throw new ArgumentException(
                $"known: found {known.Length} numbers; expected "
                    + (
                        info.Known.Count == 0
                            ? "none, because the model is told nothing"
                            : $"{string.Join(", ", info.Known.Select(k => k.Name))} of each of {voltageMv.Length / samples} traces"
                    ),
                nameof(known)
            );
        return voltageMv.Length / samples;
    }

    /// <summary>The columns of the model's inputs.</summary>
    /// <param name="schema">The columns there are.</param>
    /// <exception cref="ArgumentException">A column is missing or has another type or size than the model's input.</exception>
    public DataViewSchema.Column[] Columns(DataViewSchema schema) =>
        [.. info.Inputs.Select(name => InputColumn(schema, name)), .. info.Known.Select(known => KnownColumn(schema, known.Name))];

    /// <summary>Traces given as arrays, one after the other.</summary>
    /// <exception cref="ArgumentException">A trace has the wrong length.</exception>
    public float[] Flatten(string kind, float[][] traces)
    {
        var flat = new float[traces.Length * info.Samples];
        for (var row = 0; row < traces.Length; row++)
        {
            if (traces[row].Length != info.Samples)
                throw new ArgumentException(
                    $"{kind} of trace {row}: found {traces[row].Length} samples; expected {info.Samples}",
                    nameof(traces)
                );
            traces[row].CopyTo(flat, row * info.Samples);
        }

        return flat;
    }

    private static DataViewSchema.Column KnownColumn(DataViewSchema schema, string name) =>
        schema.GetColumnOrNull(name) is not { } column
            ? throw new ArgumentException(
                $"columns: found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}; expected '{name}', which the model is told",
                nameof(schema)
            )
        : column.Type == NumberDataViewType.Double || column.Type == NumberDataViewType.Single ? column
        : throw new ArgumentException($"column '{name}': found {column.Type}; expected Double or Single", nameof(schema));

    private DataViewSchema.Column InputColumn(DataViewSchema schema, string name)
    {
        if (schema.GetColumnOrNull(name) is not { } column)
            throw new ArgumentException(
                $"columns: found {string.Join(", ", schema.Select(c => $"'{c.Name}'"))}; expected '{name}', which the model reads",
                nameof(schema)
            );
        if (
            column.Type is not VectorDataViewType vector
            || vector.ItemType != NumberDataViewType.Single
            || (vector.Size != 0 && vector.Size != info.Samples)
        )
            throw new ArgumentException(
                $"column '{name}': found {column.Type}; expected a vector of {info.Samples} Single",
                nameof(schema)
            );
        return column;
    }
}
