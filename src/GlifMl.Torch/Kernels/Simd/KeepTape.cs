namespace GlifMl.Torch;

internal readonly struct KeepTape : ITapeMode
{
    public static bool Keeps => true;
}
