using Microsoft.ML;

namespace GlifMl.Onnx;

/// <summary>
/// The input columns of one row as dense Single numbers, in the order the transformer names them; a scalar is a span of one.
/// The spans are valid until the next row is read.
/// </summary>
public sealed class RowInputs
{
    private readonly ColumnReader[] _columns;

    internal RowInputs(DataViewRow source, IEnumerable<DataViewSchema.Column> columns) =>
        _columns = [.. columns.Select(c => new ColumnReader(source, c))];

    /// <summary>How many columns there are.</summary>
    public int Count => _columns.Length;

    /// <summary>The numbers of one column in the current row.</summary>
    /// <param name="index">The column's place among the transformer's inputs.</param>
    public ReadOnlySpan<float> this[int index] => _columns[index].Values;

    internal void Read()
    {
        foreach (var column in _columns)
            column.Read();
    }
}
