using static TorchSharp.torch;

namespace GlifMl.Torch;

/// <summary>An epoch that a run was stopped in.</summary>
/// <param name="Steps">Steps done of it.</param>
/// <param name="LossSum">Sum of the losses of the traces seen in it.</param>
/// <param name="Seconds">Wall time it has taken.</param>
/// <param name="Generator">State of libtorch's generator, which dropout draws from; empty: not taken yet.</param>
internal sealed record EpochPart(long Steps, double LossSum, double Seconds, byte[] Generator)
{
    /// <summary>Whether there is anything to keep.</summary>
    public bool HasBegun => Steps > 0;

    /// <summary>libtorch's generator as it stands.</summary>
    public static byte[] GeneratorState()
    {
        using var state = random.get_rng_state();
        return TensorMemory.CopyBytes(state);
    }

    /// <summary>The same with the generator's state in it.</summary>
    public EpochPart Whole() => Generator.Length > 0 ? this : this with { Generator = GeneratorState() };

    /// <summary>Sets libtorch's generator to where it stood.</summary>
    public void RestoreGenerator()
    {
        using var state = empty(Generator.Length, ScalarType.Byte);
        TensorMemory.FillBytes(state, Generator);
        random.set_rng_state(state);
    }

    public static EpochPart Read(BinaryReader reader) =>
        new(reader.ReadInt64(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadBytes(reader.ReadInt32()));

    public void Write(BinaryWriter writer)
    {
        writer.Write(Steps);
        writer.Write(LossSum);
        writer.Write(Seconds);
        writer.Write(Generator.Length);
        writer.Write(Generator);
    }
}
