using System.Reflection;
using GlifMl.Onnx.Protos;
using Google.Protobuf;

namespace GlifMl.Onnx;

/// <summary>An .onnx file as what is around its graph: who wrote it, for which operators, and its metadata.</summary>
internal static class OnnxFile
{
    private const string Producer = "glifml";
    private const int IntermediateRepresentation = 8;

    /// <summary>OnnxRuntime's own operators, of which ML.NET's hashing needs one.</summary>
    public const string RuntimeDomain = "com.microsoft";

    // Version 3 of ai.onnx.ml is the one released together with opset 17 (ONNX 1.12).
    private const int MachineLearningOperatorSet = 3;

    // Of what a model's user has to know: its inputs, its outputs, and what its metadata are.
    private const int ModelVersion = 1;

    // With the commit, where the build knows it: the same in every run of one build.
    private static readonly string ProducerVersion = typeof(OnnxFile)
        .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!
        .InformationalVersion;

    /// <summary>Writes a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="metadata">The entries of its metadata, in their order.</param>
    /// <returns>The bytes of the file.</returns>
    public static byte[] Write(GraphProto graph, IEnumerable<KeyValuePair<string, string>> metadata)
    {
        var model = new ModelProto
        {
            IrVersion = IntermediateRepresentation,
            ProducerName = Producer,
            ProducerVersion = ProducerVersion,
            ModelVersion = ModelVersion,
            Graph = graph,
        };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = OnnxGraph.OperatorSet });
        if (graph.Node.Any(n => n.Domain == OnnxGraph.MachineLearningDomain))
            model.OpsetImport.Add(
                new OperatorSetIdProto { Domain = OnnxGraph.MachineLearningDomain, Version = MachineLearningOperatorSet }
            );
        if (graph.Node.Any(n => n.Domain == RuntimeDomain))
            model.OpsetImport.Add(new OperatorSetIdProto { Domain = RuntimeDomain, Version = 1 });
        model.MetadataProps.AddRange(metadata.Select(Entry));
        return model.ToByteArray();
    }

    /// <summary>Names the slots of outputs, as ML.NET reads them. What the graph computes stays.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="slots">One name a slot, by output.</param>
    /// <returns>The bytes of the new file.</returns>
    public static byte[] WithSlotNames(byte[] file, IReadOnlyDictionary<string, string[]> slots)
    {
        var model = ModelProto.Parser.ParseFrom(file);
        foreach (var (output, names) in slots)
            OnnxGraph.AddSlotNames(model.Graph, output, names);
        if (model.OpsetImport.All(set => set.Domain != OnnxGraph.MachineLearningDomain))
            model.OpsetImport.Add(
                new OperatorSetIdProto { Domain = OnnxGraph.MachineLearningDomain, Version = MachineLearningOperatorSet }
            );
        return model.ToByteArray();
    }

    /// <summary>Puts entries into a file's metadata, in the place of those of the same keys. Nothing else of the file changes.</summary>
    /// <param name="file">The bytes of the file.</param>
    /// <param name="entries">The entries.</param>
    /// <returns>The bytes of the new file.</returns>
    public static byte[] WithMetadata(byte[] file, IReadOnlyDictionary<string, string> entries)
    {
        var envelope = ModelEnvelope.Parser.ParseFrom(file);
        var all = envelope.MetadataProps.Where(e => !entries.ContainsKey(e.Key)).Concat(entries.Select(Entry)).ToArray();
        envelope.MetadataProps.Clear();
        envelope.MetadataProps.AddRange(all.OrderBy(e => e.Key, StringComparer.Ordinal));
        return envelope.ToByteArray();
    }

    private static StringStringEntryProto Entry(KeyValuePair<string, string> entry) => new() { Key = entry.Key, Value = entry.Value };
}
