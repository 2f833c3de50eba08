namespace GlifMl.Torch.Kernels.Simd;

internal readonly struct KeepTape : ITapeMode
{
    public static bool Keeps => true;
}
