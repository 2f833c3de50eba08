using GlifMl.Onnx.Protos;
using Google.Protobuf;

namespace GlifMl.Onnx;

/// <summary>
/// Looks an .onnx file over before any runtime sees it. A graph of this library is nodes and constants; what else the format allows would
/// have a runtime read other files (external data), go on without end (loops in subgraphs) or call code from elsewhere (operators of
/// others).
/// </summary>
internal static class OnnxFileCheck
{
    // The standard's own two, and the runtime's, which its tools for smaller and quicker models use.
    private static readonly string[] Domains = ["", "ai.onnx", OnnxGraph.MachineLearningDomain, OnnxFile.RuntimeDomain];

    /// <summary>Refuses what no file of this library has.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <returns>The entries of its metadata.</returns>
    /// <exception cref="InvalidDataException">
    /// The bytes are no ONNX model, or one with such a thing; the message says which and where.
    /// </exception>
    public static Dictionary<string, string> Metadata(byte[] file)
    {
        var model = Parse(file);
        if (model.Graph is not { Node.Count: > 0 } graph)
            throw new InvalidDataException("found no graph; expected an ONNX model");
        Refuse(model.Functions.Select(f => $"function {Quoted.Of(f.Name)}"), "operators alone");
        Refuse(model.TrainingInfo.Select(_ => "a training graph"), "one graph");
        Refuse(graph.SparseInitializer.Select(_ => "a sparse constant"), "dense ones");
        foreach (var constant in graph.Initializer)
            Check(constant, $"constant {Quoted.Of(constant.Name)}");
        foreach (var node in graph.Node)
            Check(node);

        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in model.MetadataProps)
            metadata[entry.Key] = entry.Value;
        return metadata;
    }

    private static ModelProto Parse(byte[] file)
    {
        try
        {
            return ModelProto.Parser.ParseFrom(file);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new InvalidDataException("found bytes that are no protocol buffer; expected an ONNX model", e);
        }
    }

    private static void Check(NodeProto node)
    {
        var place = $"node {Quoted.Of(node.Name)}";
        if (!Domains.Contains(node.Domain))
            throw new InvalidDataException(
                $"{place}: found operator {Quoted.Of($"{node.Domain}:{node.OpType}")}; expected one of ONNX or OnnxRuntime"
            );
        foreach (var attribute in node.Attribute)
        {
            var attributePlace = $"{place}, attribute {Quoted.Of(attribute.Name)}";
            if (attribute.G is not null || attribute.Graphs.Count > 0)
                throw new InvalidDataException($"{attributePlace}: found a graph within the graph; expected none");
            if (attribute.SparseTensor is not null || attribute.SparseTensors.Count > 0)
                throw new InvalidDataException($"{attributePlace}: found a sparse constant; expected a dense one");
            foreach (var tensor in attribute.T is { } one ? attribute.Tensors.Append(one) : attribute.Tensors)
                Check(tensor, attributePlace);
        }
    }

    private static void Check(TensorProto tensor, string place)
    {
        if (tensor.DataLocation == TensorProto.Types.DataLocation.External || tensor.ExternalData.Count > 0)
        {
            var location = tensor.ExternalData.FirstOrDefault(e => e.Key == "location")?.Value ?? "";
            throw new InvalidDataException($"{place}: found its numbers in the file {Quoted.Of(location)}; expected them in the model");
        }
    }

    private static void Refuse(IEnumerable<string> found, string expected)
    {
        if (found.FirstOrDefault() is { } first)
            throw new InvalidDataException($"found {first}; expected {expected}");
    }
}
