using Microsoft.ML;
using Microsoft.ML.Data;

namespace GlifMl.Onnx;

/// <summary>Which columns can enter a graph: numbers, and vectors of Single.</summary>
internal static class ColumnTypes
{
    public static OnnxElementType ElementType(DataViewSchema.Column column)
    {
        var item = column.Type is VectorDataViewType vector ? vector.ItemType : column.Type;
        if (item == NumberDataViewType.Single)
            return OnnxElementType.Single;
        if (column.Type == NumberDataViewType.Double)
            return OnnxElementType.Double;
        throw new ArgumentException(
            $"column '{column.Name}': expected Single, Double or a vector of Single, found {column.Type}",
            nameof(column)
        );
    }

    /// <summary>A vector's length; one of unknown size has a length of its own at run time.</summary>
    public static OnnxDim Length(string name, VectorDataViewType vector) => vector.Size > 0 ? vector.Size : name + "_length";
}
