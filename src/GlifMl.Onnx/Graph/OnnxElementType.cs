namespace GlifMl.Onnx;

#pragma warning disable CA1720 // These values are types, so they carry the types' names.
/// <summary>The element types of a graph's inputs. The values are those of TensorProto.DataType in the ONNX specification.</summary>
public enum OnnxElementType
{
    /// <summary>Not a type.</summary>
    None = 0,

    /// <summary>32-bit floating point.</summary>
    Single = 1,

    /// <summary>64-bit floating point; cast to Single as it enters a graph.</summary>
    Double = 11,
}
#pragma warning restore CA1720
