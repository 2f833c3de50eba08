using GlifMl.Lstm;
using GlifMl.Onnx.Protos;

namespace GlifMl.Onnx;

/// <summary>Reads an LSTM node of the standard (operator LSTM, opset 14) as a layer of the kernel.</summary>
internal static class LstmReader
{
    private const int Gates = 4;

    // ONNX has the gates as input, output, forget, cell; the layer as input, forget, cell, output.
    private static readonly int[] OnnxGates = [0, 2, 3, 1];
    private static readonly string[] Activations = ["Sigmoid", "Tanh", "Tanh"];

    /// <summary>Reads a node.</summary>
    /// <returns>The node; null with what the kernel does not know, as people call it.</returns>
    public static (LstmNode? Node, string Why) Read(NodeProto proto, GraphIndex graph)
    {
        if (Strange(proto) is { } strange)
            return (null, strange);
        var direction = Text(proto, "direction") ?? "forward";
        var directions = direction == "bidirectional" ? 2 : 1;
        if (graph.Singles(Input(proto, 1)) is not { Dims: [var d, var rows, var inputs] } weights || d != directions)
            return (null, "input weights that are no constants of Single, or of another size");
        var hidden = (int)(rows / Gates);
        if (
            hidden < 1
            || inputs < 1
            || rows % Gates != 0
            || proto.Attribute.FirstOrDefault(a => a.Name == "hidden_size") is { } size && size.I != hidden
            || graph.Singles(Input(proto, 2)) is not { Dims: [var d2, var rows2, var columns] } recurrence
            || (d2, rows2, columns) != (directions, rows, hidden)
        )
            return (null, "recurrence weights that are no constants of Single, or of another size");
        var biases = new float[directions * 2 * rows];
        if (Input(proto, 3).Length > 0)
        {
            if (graph.Singles(Input(proto, 3)) is not { } given || given.Values.Length != biases.Length)
                return (null, "biases that are no constants of Single");
            biases = given.Values;
        }

        var (w, r, b) = (Gates * hidden * (int)inputs, Gates * hidden * hidden, Gates * hidden);
        var layer = new LstmLayer(
            (int)inputs,
            hidden,
            [
                .. Enumerable
                    .Range(0, directions)
                    .Select(n => new LstmWeights(
                        InOrder(weights.Values.AsSpan(n * w, w)),
                        InOrder(recurrence.Values.AsSpan(n * r, r)),
                        InOrder(biases.AsSpan(n * 2 * b, b)),
                        InOrder(biases.AsSpan((n * 2 * b) + b, b))
                    )),
            ]
        );
        return (new LstmNode { Layer = layer, IsReverse = direction == "reverse" }, "");
    }

    private static string? Strange(NodeProto proto)
    {
        if (Input(proto, 7).Length > 0)
            return "peephole weights";
        foreach (var attribute in proto.Attribute)
        {
            switch (attribute.Name)
            {
                case "hidden_size":
                case "direction" when Text(proto, "direction") is "forward" or "reverse" or "bidirectional":
                case "layout" or "input_forget" when attribute.I == 0:
                    break;
                case "activations"
                    when attribute.Strings.Count % Activations.Length == 0
                        && attribute.Strings.Index().All(s => s.Item.ToStringUtf8() == Activations[s.Index % Activations.Length]):
                    break;
                case "activations":
                    return $"the activations {Quoted.Text(string.Join(", ", attribute.Strings.Select(s => s.ToStringUtf8())))}";
                case "layout" or "input_forget":
                    return $"{attribute.Name} {attribute.I}";
                default:
                    return $"the attribute {Quoted.Text(attribute.Name)}";
            }
        }

        return null;
    }

    private static string Input(NodeProto proto, int n) => n < proto.Input.Count ? proto.Input[n] : "";

    private static string? Text(NodeProto proto, string name) => proto.Attribute.FirstOrDefault(a => a.Name == name)?.S.ToStringUtf8();

    private static float[] InOrder(ReadOnlySpan<float> onnx)
    {
        var (size, ordered) = (onnx.Length / Gates, new float[onnx.Length]);
        for (var gate = 0; gate < Gates; gate++)
            onnx.Slice(OnnxGates[gate] * size, size).CopyTo(ordered.AsSpan(gate * size));
        return ordered;
    }
}
