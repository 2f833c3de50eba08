using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace GlifMl.Torch.Training;

/// <summary>
/// All that continues a training run to the bit: weights, moments, best weights and the epochs so far.
/// The order of the traces and the dropout follow from the seed and the epoch, so no generator state is kept.
/// </summary>
internal sealed record Checkpoint
{
    private static ReadOnlySpan<byte> Magic => "GLIFCKP1"u8;

    /// <summary>What the run was: options, architecture and data. Another run's checkpoint is refused.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The epochs done.</summary>
    public required IReadOnlyList<EpochRecord> History { get; init; }

    /// <summary>Epoch of <see cref="BestWeights"/>; 0 without validation traces.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Adam's step count.</summary>
    public required long Steps { get; init; }

    public required float[][] Weights { get; init; }

    public required float[][] BestWeights { get; init; }

    public required float[][] FirstMoments { get; init; }

    public required float[][] SecondMoments { get; init; }

    /// <summary>Writes the file whole or not at all.</summary>
    public void Save(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(path, stream =>
        {
            using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
            writer.Write(Magic);
            writer.Write(Fingerprint);
            writer.Write(JsonSerializer.Serialize(History));
            writer.Write(BestEpoch);
            writer.Write(Steps);
            foreach (var arrays in new[] { Weights, BestWeights, FirstMoments, SecondMoments })
                WriteArrays(writer, arrays);
        });
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InvalidDataException">The file is not a whole checkpoint, or belongs to another run.</exception>
    public static Checkpoint Load(string path, string fingerprint)
    {
        Checkpoint checkpoint;
        try
        {
            using var reader = new BinaryReader(File.OpenRead(path));
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic))
                throw new InvalidDataException($"{path} is not a checkpoint; delete it to train from the start");
            checkpoint = new Checkpoint
            {
                Fingerprint = reader.ReadString(),
                History = JsonSerializer.Deserialize<List<EpochRecord>>(reader.ReadString())!,
                BestEpoch = reader.ReadInt32(),
                Steps = reader.ReadInt64(),
                Weights = ReadArrays(reader),
                BestWeights = ReadArrays(reader),
                FirstMoments = ReadArrays(reader),
                SecondMoments = ReadArrays(reader),
            };
        }
        catch (Exception e) when (e is EndOfStreamException or JsonException or OutOfMemoryException or ArgumentException or OverflowException)
        {
            throw new InvalidDataException($"{path} is damaged; delete it to train from the start", e);
        }

        return string.Equals(checkpoint.Fingerprint, fingerprint, StringComparison.Ordinal)
            ? checkpoint
            : throw new InvalidDataException(
                $"{path} belongs to a run with other options or data; leave out --resume to train from the start, or use another --output");
    }

    private static void WriteArrays(BinaryWriter writer, float[][] arrays)
    {
        writer.Write(arrays.Length);
        foreach (var array in arrays)
        {
            writer.Write(array.Length);
            writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
        }
    }

    private static float[][] ReadArrays(BinaryReader reader)
    {
        var arrays = new float[reader.ReadInt32()][];
        for (var i = 0; i < arrays.Length; i++)
        {
            arrays[i] = new float[reader.ReadInt32()];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(arrays[i].AsSpan()));
        }

        return arrays;
    }
}
