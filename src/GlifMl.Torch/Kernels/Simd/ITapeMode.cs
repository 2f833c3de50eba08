namespace GlifMl.Torch;

/// <summary>Whether a forward chunk writes the tape: a type argument, so that each case is compiled for itself.</summary>
internal interface ITapeMode
{
    static abstract bool Keeps { get; }
}
