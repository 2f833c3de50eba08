using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace GlifMl.Torch;

/// <summary>
/// All that continues a training run to the bit: weights, buffers, moments, the best epoch's weights and the epochs so far.
/// The order of the traces and the dropout follow from the seed and the epoch; only within an epoch the generator's state is kept.
/// </summary>
internal sealed record Checkpoint
{
    private static ReadOnlySpan<byte> Magic => "GLIFCKP2"u8;

    // Of one that stands within an epoch, which a program that knows only the others must not take for its end.
    private static ReadOnlySpan<byte> MagicWithin => "GLIFCKP3"u8;

    /// <summary>What the run was: options, architecture and data. Another run's checkpoint is refused.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The epochs done.</summary>
    public required IReadOnlyList<EpochRecord> History { get; init; }

    /// <summary>Epoch of <see cref="BestState"/>; 0 without validation traces.</summary>
    public required int BestEpoch { get; init; }

    /// <summary>Adam's step count.</summary>
    public required long Steps { get; init; }

    /// <summary>The memory of the module's parameters, then of its buffers.</summary>
    public required byte[][] State { get; init; }

    /// <summary>The same after the best epoch; empty without validation traces.</summary>
    public required byte[][] BestState { get; init; }

    /// <summary>Adam's first moments, a parameter each.</summary>
    public required float[][] FirstMoments { get; init; }

    /// <summary>Adam's second moments, a parameter each.</summary>
    public required float[][] SecondMoments { get; init; }

    /// <summary>How far the next epoch is; null: it has not begun.</summary>
    public EpochPart? Part { get; init; }

    /// <summary>Writes the file whole or not at all: what it is, a SHA-256 of the content, the content.</summary>
    public void Save(string path)
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Fingerprint);
            writer.Write(JsonSerializer.Serialize(History));
            writer.Write(BestEpoch);
            writer.Write(Steps);
            WriteArrays(writer, State);
            WriteArrays(writer, BestState);
            WriteArrays(writer, FirstMoments);
            WriteArrays(writer, SecondMoments);
            Part?.Write(writer);
        }

        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        AtomicFile.Write(
            path,
            stream =>
            {
                stream.Write(Part is null ? Magic : MagicWithin);
                stream.Write(SHA256.HashData(content.GetBuffer().AsSpan(0, (int)content.Length)));
                content.WriteTo(stream);
            }
        );
    }

    /// <summary>Reads a checkpoint.</summary>
    /// <exception cref="InvalidDataException">The file is not a whole checkpoint, or belongs to another run.</exception>
    public static Checkpoint Load(string path, string fingerprint)
    {
        var file = File.ReadAllBytes(path);
        var isWithin = file.AsSpan().StartsWith(MagicWithin);
        if (!isWithin && !file.AsSpan().StartsWith(Magic))
            throw new InvalidDataException($"{path} is not a checkpoint; delete it to train from the start");
        var start = Magic.Length + SHA256.HashSizeInBytes;
        if (
            file.Length < start
            || !SHA256.HashData(file.AsSpan(start)).AsSpan().SequenceEqual(file.AsSpan(Magic.Length, SHA256.HashSizeInBytes))
        )
            throw new InvalidDataException($"{path} is damaged; delete it to train from the start");

        Checkpoint checkpoint;
        try
        {
            using var reader = new BinaryReader(new MemoryStream(file, start, file.Length - start));
            checkpoint = Read(reader, isWithin);
        }
        catch (Exception e) when (e is EndOfStreamException or FormatException or JsonException or ArgumentException)
        {
            throw new InvalidDataException($"{path} is not what this program writes; delete it to train from the start", e);
        }

        return string.Equals(checkpoint.Fingerprint, fingerprint, StringComparison.Ordinal)
            ? checkpoint
            : throw new InvalidDataException(
                $"{path} belongs to a run with other options or data; leave out --resume to train from the start, or use another --output"
            );
    }

    private static Checkpoint Read(BinaryReader reader, bool isWithin) =>
        new()
        {
            Fingerprint = reader.ReadString(),
            History = JsonSerializer.Deserialize<List<EpochRecord>>(reader.ReadString()) ?? throw new FormatException("no epochs"),
            BestEpoch = reader.ReadInt32(),
            Steps = reader.ReadInt64(),
            State = ReadArrays<byte>(reader),
            BestState = ReadArrays<byte>(reader),
            FirstMoments = ReadArrays<float>(reader),
            SecondMoments = ReadArrays<float>(reader),
            Part = isWithin ? EpochPart.Read(reader) : null,
        };

    private static void WriteArrays<T>(BinaryWriter writer, T[][] arrays)
        where T : unmanaged
    {
        writer.Write(arrays.Length);
        foreach (var array in arrays)
        {
            writer.Write(array.Length);
            writer.Write(MemoryMarshal.AsBytes(array.AsSpan()));
        }
    }

    private static T[][] ReadArrays<T>(BinaryReader reader)
        where T : unmanaged
    {
        var arrays = new T[Count(reader, sizeof(int))][];
        for (var i = 0; i < arrays.Length; i++)
        {
            arrays[i] = new T[Count(reader, Unsafe.SizeOf<T>())];
            reader.BaseStream.ReadExactly(MemoryMarshal.AsBytes(arrays[i].AsSpan()));
        }

        return arrays;
    }

    // A hash vouches for what was written, not for who wrote it.
    private static int Count(BinaryReader reader, int bytesEach)
    {
        var count = reader.ReadInt32();
        var left = reader.BaseStream.Length - reader.BaseStream.Position;
        return count >= 0 && count <= left / bytesEach
            ? count
            : throw new FormatException($"found {count} values in {left} bytes; expected no more than fit");
    }
}
