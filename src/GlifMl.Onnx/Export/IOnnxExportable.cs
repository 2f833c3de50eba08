namespace GlifMl.Onnx;

/// <summary>A fitted step of an ML.NET chain that can write itself as nodes of an ONNX graph.</summary>
public interface IOnnxExportable
{
    /// <summary>Reads the step's input columns from the graph, adds its nodes, and binds its output columns.</summary>
    /// <param name="context">The graph, and what each column of the chain is in it at this step.</param>
    void Export(OnnxExport context);
}
