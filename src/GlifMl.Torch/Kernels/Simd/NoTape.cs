namespace GlifMl.Torch.Kernels.Simd;

internal readonly struct NoTape : ITapeMode
{
    public static bool Keeps => false;
}
