namespace GlifMl.Torch;

internal readonly struct NoTape : ITapeMode
{
    public static bool Keeps => false;
}
