using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using GlifMl.Datasets;

namespace GlifMl.Pipelines;

/// <summary>
/// What a model answers to the shards of a split, a file a shard, so that any number of processes may share an evaluation. A file says
/// which model and which shard it is of, and how the model was run; one that says otherwise, or is damaged, counts for nothing.
/// </summary>
internal sealed class EvaluatedParts
{
    private readonly string _folder;
    private readonly string _model;

    /// <param name="folder">Where the files are.</param>
    /// <param name="onnx">The model's file.</param>
    /// <param name="engine">What runs it.</param>
    public EvaluatedParts(string folder, string onnx, OnnxEngine engine)
    {
        using var file = File.OpenRead(onnx);
        (_folder, _model) = (folder, $"{Convert.ToHexStringLower(SHA256.HashData(file))} {engine}");
    }

    private static ReadOnlySpan<byte> Magic => "GLIFROW1"u8;

    /// <summary>The file of a shard.</summary>
    /// <param name="folder">Where the files are.</param>
    /// <param name="shard">The shard, in its split's folder.</param>
    public static string PathOf(string folder, string shard) =>
        Path.Combine(folder, Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(shard)))!, $"{Path.GetFileName(shard)}.rows");

    /// <summary>Whether any shard of a split has a file.</summary>
    public bool Any(string split) =>
        Path.Combine(_folder, split) is var folder && Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*.rows").Any();

    /// <summary>The rows of a shard; null where they are not there.</summary>
    public EvaluatedPart? Load(string shard)
    {
        var path = PathOf(_folder, shard);
        if (!File.Exists(path))
            return null;
        var file = File.ReadAllBytes(path);
        var start = Magic.Length + SHA256.HashSizeInBytes;
        if (
            file.Length < start
            || !file.AsSpan().StartsWith(Magic)
            || !SHA256.HashData(file.AsSpan(start)).AsSpan().SequenceEqual(file.AsSpan(Magic.Length, SHA256.HashSizeInBytes))
        )
            return null;
        using var reader = new BinaryReader(new MemoryStream(file, start, file.Length - start));
        if (reader.ReadString() != _model || reader.ReadString() != ShardChecksum.Require(shard))
            return null;
        var (rows, targets, answers) = (reader.ReadInt32(), reader.ReadInt32(), reader.ReadInt32());
        var (inputs, read) = (new InputKey[rows], new EvaluatedRow[rows]);
        for (var row = 0; row < rows; row++)
        {
            var (truth, scores) = (new double[targets], new float[answers]);
            var configuration = reader.ReadInt64();
            inputs[row] = new InputKey(new UInt128(reader.ReadUInt64(), reader.ReadUInt64()));
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(truth.AsSpan()));
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(scores.AsSpan()));
            read[row] = new(new(truth, configuration), scores);
        }

        return new(inputs, read);
    }

    /// <summary>Keeps the rows of a shard.</summary>
    public void Save(string shard, EvaluatedPart part)
    {
        var rows = part.Rows;
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(_model);
            writer.Write(ShardChecksum.Require(shard));
            writer.Write(rows.Count);
            writer.Write(rows[0].Labels.Truth.Length);
            writer.Write(rows[0].Answers.Length);
            foreach (var (row, input) in rows.Zip(part.Inputs))
            {
                writer.Write(row.Labels.Configuration);
                writer.Write((ulong)(input.Value >> 64));
                writer.Write((ulong)input.Value);
                writer.Write(MemoryMarshal.AsBytes(row.Labels.Truth.AsSpan()));
                writer.Write(MemoryMarshal.AsBytes(row.Answers.AsSpan()));
            }
        }

        AtomicFile.Write(
            PathOf(_folder, shard),
            stream =>
            {
                stream.Write(Magic);
                stream.Write(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
                content.WriteTo(stream);
            }
        );
    }

    /// <summary>Removes all files.</summary>
    public void Delete()
    {
        if (Directory.Exists(_folder))
            Directory.Delete(_folder, recursive: true);
    }
}
