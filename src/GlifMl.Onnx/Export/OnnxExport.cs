using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>
/// What each column of an ML.NET chain is in the graph under construction. A column that no step has bound becomes an input
/// of the graph when it is first asked for, with the type and length that the input schema gives it.
/// </summary>
public sealed class OnnxExport
{
    private readonly DataViewSchema _inputSchema;
    private readonly Dictionary<string, OnnxValue> _columns = new(StringComparer.Ordinal);

    /// <summary>Starts an export.</summary>
    /// <param name="inputSchema">The columns that come from outside, with their types.</param>
    public OnnxExport(DataViewSchema inputSchema)
    {
        _inputSchema = inputSchema;
        Graph.Reserve(inputSchema.Select(c => c.Name));
    }

    /// <summary>The graph under construction.</summary>
    public OnnxGraph Graph { get; } = new();

    /// <summary>The current value of a column.</summary>
    /// <param name="column">The column's name.</param>
    /// <returns>A value of Single, whatever the column's type: <c>[N, 1]</c> for a scalar, <c>[N, size]</c> for a vector.</returns>
    /// <exception cref="ArgumentException">No step and no input gives the column, or it is not a number or vector of numbers.</exception>
    public OnnxValue Get(string column)
    {
        if (!_columns.TryGetValue(column, out var value))
            _columns.Add(column, value = DeclareInput(column));
        return value;
    }

    /// <summary>Makes a value the current one of a column, for the steps that follow.</summary>
    /// <param name="column">The column's name.</param>
    /// <param name="value">The value.</param>
    public void Bind(string column, OnnxValue value) => _columns[column] = value;

    private OnnxValue DeclareInput(string name)
    {
        if (_inputSchema.GetColumnOrNull(name) is not { } column)
        {
            throw new ArgumentException(
                $"columns: found {string.Join(", ", _inputSchema.Select(c => $"'{c.Name}'"))}; "
                    + $"expected '{name}', which no step before gives either",
                nameof(name)
            );
        }

        var element = ColumnTypes.ElementType(column);
        var dim = column.Type is VectorDataViewType vector ? ColumnTypes.Length(name, vector) : 1;
        Graph.Input(name, element, OnnxDim.Batch, dim);
        var value = element == OnnxElementType.Single ? name : Graph.Node("Cast", [name], ("to", (long)OnnxElementType.Single));
        return new OnnxValue(value, dim);
    }
}

/// <summary>A fitted step of an ML.NET chain that can write itself as nodes of an ONNX graph.</summary>
public interface IOnnxExportable
{
    /// <summary>Reads the step's input columns from the graph, adds its nodes, and binds its output columns.</summary>
    /// <param name="context">The graph, and what each column of the chain is in it at this step.</param>
    void Export(OnnxExport context);
}
